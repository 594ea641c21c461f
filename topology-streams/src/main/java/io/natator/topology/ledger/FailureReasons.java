package io.natator.topology.ledger;

import io.natator.schemas.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * Decides which close reasons are failures or resets, and which reason a connection gets from the reports of its ends.
 * Pure.
 */
final class FailureReasons {
    /** Reason of a connection that was refused by the server. */
    static final String REFUSED = CloseReason.REFUSED.name();

    /** Reason of a failed connection if no end has reported a reason. */
    private static final String UNKNOWN = "UNKNOWN";

    private FailureReasons() {}

    /** The name of the reason that one end reported; empty if the reason is neither a failure nor a reset. */
    static String of(CloseReason reason) {
        return switch (reason) {
            case UNKNOWN, NONE, FIN, IDLE -> "";
            case RESET, REFUSED, TIMEOUT, UNREACHABLE, ABORTED -> reason.name();
        };
    }

    /** The reason of a connection; empty for none. If both ends report a reason, the client's reason is used. */
    static String of(Entry entry) {
        String client = of(entry.client());
        String reason = client.isEmpty() ? of(entry.server()) : client;
        return reason.isEmpty() && entry.hasFailed() ? UNKNOWN : reason;
    }

    private static String of(@Nullable Half half) {
        return half == null ? "" : half.lifecycle().failure();
    }
}
