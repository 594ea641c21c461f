package io.natator.topology.activity;

import java.util.Arrays;

/** What a connection does; the constants are those of {@code activity_id} in OCSF 1.8, class 4001. */
public enum Activity {
    /** It was established. */
    OPEN(1, "Open", "connection_started"),
    /** It ended in order, or was not heard of any more. */
    CLOSE(2, "Close", "connection_ended"),
    /** It was established and did not end in order. */
    RESET(3, "Reset", "connection_reset"),
    /** It was never established. */
    FAIL(4, "Fail", "connection_failed"),
    /** It was never established: the peer refused it. */
    REFUSE(5, "Refuse", "connection_refused"),
    /** It is open, or left something to be told after its end. */
    TRAFFIC(6, "Traffic", "network_flow");

    private final int ocsfId;
    private final String caption;
    private final String ecsAction;

    Activity(int ocsfId, String caption, String ecsAction) {
        this.ocsfId = ocsfId;
        this.caption = caption;
        this.ecsAction = ecsAction;
    }

    int ocsfId() {
        return ocsfId;
    }

    /** The one with this id. */
    static Activity ofOcsfId(int id) {
        return Arrays.stream(values())
                .filter(activity -> activity.ocsfId == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no activity has the id " + id));
    }

    String caption() {
        return caption;
    }

    String ecsAction() {
        return ecsAction;
    }

    boolean isFailure() {
        return this == RESET || this == FAIL || this == REFUSE;
    }
}
