package io.natator.topology.siem;

/** The format of activity events. */
public enum ActivityFormat {
    /** No events. */
    OFF,
    /** OCSF 1.8, Network Activity (class 4001). */
    OCSF,
    /** Elastic Common Schema 9. */
    ECS
}
