package io.natator.topology.siem;

import io.natator.schemas.LinkKey;
import io.natator.schemas.Workload;
import io.natator.topology.ledger.ConnectionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event with the names of its link, connection and pods.
 *
 * @param connection fingerprint of the connection; null for an event that stands for several connections
 * @param clientPod name of the client's pod, null if it has none or the pod is unknown
 * @param serverPod the same for the server
 */
record NetworkActivity(
        @Nullable Long connection,
        LinkKey link,
        ConnectionEvent event,
        @Nullable String clientPod,
        @Nullable String serverPod) {
    private static final String EXTERNAL = "external";

    /** The link as text in one line, which is the key of the record. */
    String linkText() {
        String via = link.getVia().isEmpty() ? "" : " via " + link.getVia();
        return text(link.getClient()) + " > " + text(link.getServer()) + ":" + link.getServerPort() + "/"
                + link.getProtocol() + via;
    }

    /** The fingerprint as 16 hexadecimal digits. */
    Optional<String> uid() {
        return connection == null ? Optional.empty() : Optional.of("%016x".formatted(connection));
    }

    boolean clientIsOutside() {
        return link.getClient().getKind().equals(EXTERNAL);
    }

    boolean serverIsOutside() {
        return link.getServer().getKind().equals(EXTERNAL);
    }

    /** The event as a sentence. */
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
