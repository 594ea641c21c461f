package io.natator.topology.siem;

/** The format of activity events (connection events for security tools). */
public enum ActivityFormat {
    /** No activity events are published. */
    OFF,
    /** OCSF 1.8, Network Activity (class 4001). */
    OCSF,
    /** Elastic Common Schema 9. */
    ECS
}
