package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.LinkKey;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import io.natator.schemas.Workload;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names the two parties of a connection. In this order:
 *
 * <ol>
 *   <li>an end whose socket belongs to a known pod is that pod's top controller;
 *   <li>otherwise whoever owned its address while the connection was open;
 *   <li>an end that reported but is neither is the process, on its host;
 *   <li>an end that did not report and whose address nobody owned is external. A loopback address is not: that is an
 *       unknown process on the host of the end that did report.
 * </ol>
 *
 * Pure: the same identities give the same names. As thread-safe as the identities.
 */
public final class WorkloadResolver {
    private static final String EXTERNAL = "external";
    private static final String PROCESS = "process";
    private static final String NODE = "node";

    private final Identities identities;
    private final InternalAddresses internal;

    /**
     * A resolver.
     *
     * @param identities looked up on every call
     * @param internal addresses whose other half is worth waiting for
     */
    public WorkloadResolver(Identities identities, InternalAddresses internal) {
        this.identities = identities;
        this.internal = internal;
    }

    /**
     * The link of a connection.
     *
     * @param link both parties, the real server port, and the Service that was dialled
     * @param otherEndReports whether a node that reports to us has, or may have, the other end
     */
    public record Naming(LinkKey link, boolean otherEndReports) {}

    /**
     * When a connection was open, as far as is known.
     *
     * @param from its start
     * @param until latest observation
     */
    public record Span(Instant from, Instant until) {}

    /**
     * Names a connection of which at least one end reported.
     *
     * @param client the client end, null where it has not reported
     * @param server the server end, null where it has not reported
     * @param lone true where by nature only one end reports (a connection that was never established)
     * @param decide true to take what is known; false to wait for what may still come
     * @return null if waiting is worth it
     */
    public @Nullable Naming name(
            @Nullable Endpoint client, @Nullable Endpoint server, boolean lone, Span span, boolean decide) {
        if (client != null && server != null) {
            if (!decide && (awaitsPod(client) || awaitsPod(server))) {
                return null;
            }
            return new Naming(
                    link(end(client, span), end(server, span), server.localPort(), client, via(client, server, span)),
                    true);
        }
        Endpoint known = client != null ? client : server;
        if (known == null) {
            throw new IllegalArgumentException("a connection without ends has no name");
        }
        boolean addressKnown = identities.address(known.remoteAddress()) != null;
        boolean inside = addressKnown || internal.contains(known.remoteAddress());
        if (!decide && (awaitsPod(known) || (inside && !(lone && addressKnown)))) {
            return null;
        }
        Workload self = end(known, span);
        Workload peer = peer(known, span);
        LinkKey link = client != null
                ? link(self, peer, known.remotePort(), known, "")
                : link(peer, self, known.localPort(), known, "");
        return new Naming(link, inside);
    }

    private static LinkKey link(Workload client, Workload server, int serverPort, Endpoint known, String via) {
        return new LinkKey(client, server, serverPort, known.protocol(), via);
    }

    private boolean awaitsPod(Endpoint end) {
        return end.podUid() != null && identities.pod(end.podUid()) == null;
    }

    private Workload end(Endpoint end, Span span) {
        Identity pod = end.podUid() == null ? null : identities.pod(end.podUid());
        if (pod != null) {
            return workload(pod);
        }
        Identity owner = owner(end.localAddress(), span);
        return owner != null ? workload(owner) : process(end.command(), end.node());
    }

    private Workload peer(Endpoint known, Span span) {
        Identity owner = owner(known.remoteAddress(), span);
        if (owner != null) {
            return workload(owner);
        }
        if (InternalAddresses.isLoopback(known.remoteAddress())) {
            return process("", known.node());
        }
        return new Workload(text(known.remoteAddress()), EXTERNAL, EXTERNAL, "", "");
    }

    private static Workload process(String command, String node) {
        return new Workload(command.isEmpty() ? "unknown" : command, node, PROCESS, "", "");
    }

    private static Workload workload(Identity identity) {
        ObjectRef top = identity.getWorkload();
        return "Node".equals(identity.getKind())
                ? new Workload(identity.getName(), NODE, NODE, identity.getZone(), identity.getRegion())
                : new Workload(
                        top.getName(), top.getNamespace(), top.getKind(), identity.getZone(), identity.getRegion());
    }

    private String via(Endpoint client, Endpoint server, Span span) {
        if (client.remoteAddress().equals(server.localAddress())) {
            return "";
        }
        Identity dialled = owner(client.remoteAddress(), span);
        return dialled != null && "Service".equals(dialled.getKind())
                ? dialled.getNamespace() + "/" + dialled.getName()
                : "";
    }

    private @Nullable Identity owner(ByteBuffer address, Span span) {
        AddressOwners owners = identities.address(address);
        return owners == null ? null : ownerDuring(owners, span);
    }

    /** Who owned the address when the connection began, or else the first to own it while it was open. */
    static @Nullable Identity ownerDuring(AddressOwners owners, Span span) {
        Stream<Ownership> overlapping = owners.getOwners().stream()
                .filter(owned -> !owned.getFrom().isAfter(span.until())
                        && (owned.getUntil() == null || owned.getUntil().isAfter(span.from())));
        return overlapping.map(Ownership::getIdentity).findFirst().orElse(null);
    }

    private static String text(ByteBuffer address) {
        byte[] bytes = new byte[address.remaining()];
        address.get(address.position(), bytes);
        return IpAddresses.format(bytes);
    }
}
