package io.natator.topology.siem;

import io.natator.schemas.LinkKey;
import io.natator.schemas.Workload;
import io.natator.topology.ledger.ConnectionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event with all that names it.
 *
 * @param connection the connection's fingerprint; null for an event that stands for several connections
 * @param clientPod name of the client's pod, null where it has none or none is known
 * @param serverPod the same of the server's
 */
record NetworkActivity(
        @Nullable Long connection,
        LinkKey link,
        ConnectionEvent event,
        @Nullable String clientPod,
        @Nullable String serverPod) {
    private static final String EXTERNAL = "external";

    /** The link as text, one line: the record's key. */
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

    /** A sentence for a person. */
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
