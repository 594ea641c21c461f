package io.natator.topology.siem;

import io.natator.topology.ledger.Activity;
import java.util.Arrays;

/**
 * The codes of activities (what a connection did) in OCSF 1.8 (class 4001, {@code activity_id}) and in ECS
 * ({@code event.action}).
 */
final class ActivityCodes {
    private ActivityCodes() {}

    static int ocsfId(Activity activity) {
        return switch (activity) {
            case OPEN -> 1;
            case CLOSE -> 2;
            case RESET -> 3;
            case FAIL -> 4;
            case REFUSE -> 5;
            case TRAFFIC -> 6;
        };
    }

    /** Returns the activity that has the given OCSF id. */
    static Activity ofOcsfId(int id) {
        return Arrays.stream(Activity.values())
                .filter(activity -> ocsfId(activity) == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no activity has the OCSF id " + id));
    }

    /** The name of the activity in OCSF. */
    static String caption(Activity activity) {
        return switch (activity) {
            case OPEN -> "Open";
            case CLOSE -> "Close";
            case RESET -> "Reset";
            case FAIL -> "Fail";
            case REFUSE -> "Refuse";
            case TRAFFIC -> "Traffic";
        };
    }

    static String ecsAction(Activity activity) {
        return switch (activity) {
            case OPEN -> "connection_started";
            case CLOSE -> "connection_ended";
            case RESET -> "connection_reset";
            case FAIL -> "connection_failed";
            case REFUSE -> "connection_refused";
            case TRAFFIC -> "network_flow";
        };
    }
}
