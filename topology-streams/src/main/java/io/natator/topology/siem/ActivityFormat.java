package io.natator.topology.siem;

/** What activity events are written as. */
public enum ActivityFormat {
    /** None are. */
    OFF,
    /** OCSF 1.8, Network Activity (class 4001). */
    OCSF,
    /** Elastic Common Schema 9. */
    ECS
}
