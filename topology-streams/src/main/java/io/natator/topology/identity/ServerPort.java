package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isPod;

import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.Protocol;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the port of the server's application. It is not always the port of the socket that accepted the connection: the
 * sidecar of a service mesh accepts the connections of its pod on a port of its own. Pure.
 */
final class ServerPort {
    private ServerPort() {}

    /**
     * The port of the application, if both ends of the connection are reported.
     *
     * @param service the Service that the client dialled; null if it dialled none
     */
    static int of(ReportedEnd client, ReportedEnd server, @Nullable Identity service, OpenPeriod period) {
        int accepted = server.end().local().port();
        Endpoint dialled = client.end().remote();
        if (dialled.port() == accepted || server.end().podUid() == null || actsForAnotherPod(server, period)) {
            return accepted;
        }
        if (service != null) {
            return behind(service, client.end().protocol(), dialled.port(), accepted, server.pod());
        }
        // The client connected to the server's pod, but to another port: the connection was redirected within the pod.
        // If the pod has several addresses, REDIRECT also changes the address.
        return !DialledService.isTranslated(client, server)
                        || isOf(server.end().podUid(), owner(dialled, client, period))
                ? dialled.port()
                : accepted;
    }

    /**
     * Whether the server's socket is in the network namespace of another pod: the node proxy of a service mesh accepts
     * connections there. What a pod sends is redirected to a loopback address of this namespace.
     */
    private static boolean actsForAnotherPod(ReportedEnd server, OpenPeriod period) {
        if (server.hasLoopbackAddress()) {
            return true;
        }
        @Nullable Identity owner = owner(server.end().local(), server, period);
        return isPod(owner) && !isOf(server.end().podUid(), owner);
    }

    private static @Nullable Identity owner(Endpoint address, ReportedEnd seenBy, OpenPeriod period) {
        return OwnerHistory.ownerDuring(
                seenBy.identities().address(address.address()), seenBy.end().protocol(), address.port(), period);
    }

    private static boolean isOf(@Nullable String podUid, @Nullable Identity pod) {
        return pod != null && pod.getUid().equals(podUid);
    }

    /**
     * The port of the pods behind a Service, if only the client's end is reported. It is the dialled port if the Service
     * names the port of its pods instead of numbering it.
     *
     * @param dialled the port or node port of the Service, 0 to 65535
     */
    static int behind(Identity service, Protocol protocol, int dialled) {
        return behind(service, protocol, dialled, dialled, null);
    }

    private static int behind(Identity service, Protocol protocol, int dialled, int fallback, @Nullable Identity pod) {
        String key = IdentityKeys.nodePort(protocol.name(), dialled);
        String target = service.getTargetPorts().get(key);
        if (target == null) {
            return service.getPorts().containsKey(key) ? dialled : fallback;
        }
        int number = number(target);
        return number > 0 || pod == null ? ifPort(number, fallback) : ifPort(ofName(pod, key, target), fallback);
    }

    private static int ifPort(int port, int fallback) {
        return port > 0 && port <= 65_535 ? port : fallback;
    }

    /** The number of a pod's port that has a name, and the protocol of another port; 0 if unknown. */
    private static int ofName(Identity pod, String sameProtocol, String name) {
        String prefix = sameProtocol.substring(0, sameProtocol.indexOf('/') + 1);
        return pod.getPorts().entrySet().stream()
                .filter(port -> port.getValue().equals(name) && port.getKey().startsWith(prefix))
                .map(Map.Entry::getKey)
                .mapToInt(key -> number(key.substring(prefix.length())))
                .findFirst()
                .orElse(0);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
