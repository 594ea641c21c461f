package io.natator.topology.siem;

import io.natator.schemas.LinkKey;
import io.natator.schemas.Workload;
import io.natator.topology.identity.WorkloadKinds;
import io.natator.topology.ledger.ConnectionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An activity event with all names that are published with it: link, connection and pods.
 *
 * @param connection fingerprint of the connection; null if the event is a sum of the events of several connections
 * @param clientPod name of the client's pod; null if the client is in no pod or the pod is unknown
 * @param serverPod name of the server's pod; null if the server is in no pod or the pod is unknown
 */
record NetworkActivity(
        @Nullable Long connection,
        LinkKey link,
        ConnectionEvent event,
        @Nullable String clientPod,
        @Nullable String serverPod) {
    /** The link as one line of text, which is the key of the published record. */
    String linkText() {
        String via = link.getVia().isEmpty() ? "" : " via " + link.getVia();
        return text(link.getClient()) + " > " + text(link.getServer()) + ":" + link.getServerPort() + "/"
                + link.getProtocol() + via;
    }

    /** The connection's fingerprint as 16 hexadecimal digits; empty if the event is of several connections. */
    Optional<String> uid() {
        return connection == null ? Optional.empty() : Optional.of("%016x".formatted(connection));
    }

    /** Whether the connection enters or leaves the known clusters. */
    enum Direction {
        /** Both ends are inside known clusters or on hosts with a collector. */
        INTERNAL,
        /** The server is external, and the client is internal or external. */
        OUTBOUND,
        /** Only the client is external. */
        INBOUND
    }

    Direction direction() {
        if (WorkloadKinds.isExternal(link.getServer())) {
            return Direction.OUTBOUND;
        }
        return WorkloadKinds.isExternal(link.getClient()) ? Direction.INBOUND : Direction.INTERNAL;
    }

    /** Describes the event in one sentence. */
    String message() {
        String what = link.getClient().getName() + " to " + link.getServer().getName() + ":" + link.getServerPort();
        String reason = event.reason().isEmpty() ? "" : " (" + event.reason() + ")";
        String times = event.count() > 1 ? ", " + event.count() + " times" : "";
        return ActivityCodes.caption(event.activity()) + ": " + what + reason + times;
    }

    private static String text(Workload workload) {
        return workload.getNamespace() + "/" + workload.getKind() + "/" + workload.getName();
    }
}
