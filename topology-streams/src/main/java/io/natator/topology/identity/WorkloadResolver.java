package io.natator.topology.identity;

import static io.natator.topology.identity.OwnersInTime.isNode;
import static io.natator.topology.identity.OwnersInTime.isService;
import static io.natator.topology.identity.OwnersInTime.isSteady;

import io.natator.schemas.Identity;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.LinkKey;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.identity.PeerNames.Answer;
import io.natator.topology.state.TopologyStatistics.Unresolved;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names the two parties of a connection. In this order:
 *
 * <ol>
 *   <li>an end whose socket belongs to a known pod is that pod's top controller (or the pod, as the rules say),
 *       whatever its address;
 *   <li>otherwise whoever owned its address while the connection was open;
 *   <li>an end that reported, is neither, and runs on a node of a known cluster is the node; elsewhere it is the process,
 *       on its host;
 *   <li>an end that did not report and whose address nobody owned is external. A loopback address is not: that is in the
 *       pod, or else on the host, of the end that did report. An external one goes by the configured name of its range,
 *       by the name that a workload asked the DNS for, by the name that is found for its address, or else by its
 *       address.
 * </ol>
 *
 * <p>A client that dialled a Service, and whose server has not reported, gets the one workload behind that Service, if
 * there was one then.
 *
 * <p>An address can have a new owner of which nothing is known yet, so what only an address tells is taken at once only
 * where addresses do not change hands: from Services and nodes.
 *
 * <p>Pure: the same identities give the same names. As thread-safe as the identities.
 */
public final class WorkloadResolver {
    private static final String EXTERNAL = "external";
    private static final String PROCESS = "process";
    private static final String NODE = "node";

    private final Identities identities;
    private final OwnersInTime owners;
    private final AskedNames askedNames;
    private final NamingRules rules;

    /**
     * One end by name.
     *
     * @param owner name of the direct controller of a pod that goes by itself, else empty
     */
    private record Party(Workload workload, String owner) {
        Party(Workload workload) {
            this(workload, "");
        }
    }

    /**
     * A resolver.
     *
     * @param identities looked up on every call
     * @param askedNames looked up for what is outside
     */
    public WorkloadResolver(Identities identities, AskedNames askedNames, NamingRules rules) {
        this.identities = identities;
        this.askedNames = askedNames;
        this.owners = new OwnersInTime(identities);
        this.rules = rules;
    }

    /**
     * The link of a connection.
     *
     * @param link both parties, the real server port, and the Service that was dialled
     * @param otherEndReports whether a node that reports to us has, or may have, the other end; of a UDP server whether
     *     one certainly has, of a UDP client false, since nothing of the other end's is waited for
     * @param clientOwner name of the direct controller of a client that is a pod by itself, else empty
     * @param dialledPort port that the client dialled where it is not the server's own; 0 where it is, or is not known
     * @param unresolved what is missing for the names the ends should have, one for each such end
     */
    public record Naming(
            LinkKey link, boolean otherEndReports, String clientOwner, int dialledPort, List<Unresolved> unresolved) {}

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
            if (!decide && (awaitsIdentity(client, span) || awaitsIdentity(server, span))) {
                return null;
            }
            Party clientParty = end(client, span);
            return new Naming(
                    link(clientParty, end(server, span), server.localPort(), client, via(client, server, span)),
                    true,
                    clientParty.owner(),
                    client.remotePort() == server.localPort() ? 0 : client.remotePort(),
                    Stream.of(client, server)
                            .filter(this::isUnknownPod)
                            .map(end -> Unresolved.UNKNOWN_POD)
                            .toList());
        }
        Endpoint known = client != null ? client : server;
        if (known == null) {
            throw new IllegalArgumentException("a connection without ends has no name");
        }
        boolean addressKnown = identities.address(known.remoteAddress()) != null;
        boolean inside = addressKnown || rules.internal().contains(known.remoteAddress());
        boolean datagrams = known.protocol() == Protocol.UDP;
        // Whether a UDP server's half counts hangs on the owner of the address, whatever range it is in.
        boolean peerMatters = inside || (datagrams && client == null);
        boolean peerIsSure = (lone || datagrams) && isSteady(owner(known.remoteAddress(), span));
        Answer peerName = externalName(known.remoteAddress(), client != null, span);
        if (!decide && (awaitsIdentity(known, span) || (peerMatters && !peerIsSure) || peerName.pending())) {
            return null;
        }
        Party self = end(known, span);
        Identity dialled = client != null ? owners.dialled(known, span) : null;
        Party peer = dialled != null && isService(dialled) ? behind(dialled) : peer(known, span, peerName);
        LinkKey link = client != null
                ? link(self, peer, known.remotePort(), known, viaUnlessItself(dialled))
                : link(peer, self, known.localPort(), known, "");
        var unresolved = new ArrayList<Unresolved>();
        if (isUnknownPod(known)) {
            unresolved.add(Unresolved.UNKNOWN_POD);
        }
        if (peer.workload().getKind().equals(EXTERNAL) && inside && peerName.name() == null) {
            unresolved.add(addressKnown ? Unresolved.NOT_OWNED_THEN : Unresolved.UNKNOWN_ADDRESS);
        }
        boolean otherEndReports = datagrams ? client == null && clientReports(known, span) : inside;
        return new Naming(
                link, otherEndReports, client != null ? self.owner() : peer.owner(), 0, List.copyOf(unresolved));
    }

    /**
     * Whether the node of a UDP client reports what this server received and sent. It does where the client is a pod or
     * a node of a cluster, is on the server's own host, or has an address whose hosts are said to run collectors. On a
     * host of no cluster nobody tells who has which address: there every private one may be reported. The address of a
     * bridge between a node and its pods is nobody's in the API: who sends by it is counted twice, unless it is in a
     * range that is said to be reported.
     */
    private boolean clientReports(Endpoint server, Span span) {
        ByteBuffer client = server.remoteAddress();
        if (InternalAddresses.isLoopback(client)
                || client.equals(server.localAddress())
                || rules.internal().isDeclared(client)) {
            return true;
        }
        Identity owner = owner(client, span);
        if (owner != null) {
            return !isService(owner);
        }
        return identities.node(server.node()) == null && rules.internal().contains(client);
    }

    private static LinkKey link(Party client, Party server, int serverPort, Endpoint known, String via) {
        return new LinkKey(client.workload(), server.workload(), serverPort, known.protocol(), via);
    }

    private boolean awaitsIdentity(Endpoint end, Span span) {
        if (end.podUid() != null) {
            return isUnknownPod(end);
        }
        if (InternalAddresses.isLoopback(end.localAddress())) {
            return false;
        }
        Identity owner = owner(end.localAddress(), span);
        return owner == null ? identities.node(end.node()) != null : !isSteady(owner);
    }

    private boolean isUnknownPod(Endpoint end) {
        return end.podUid() != null && identities.pod(end.podUid()) == null;
    }

    private Party end(Endpoint end, Span span) {
        Identity pod = end.podUid() == null ? null : identities.pod(end.podUid());
        if (pod != null) {
            return party(pod);
        }
        Identity owner = owner(end.localAddress(), span);
        // A node whose kube-proxy uses IPVS has the Services' addresses too: no Service opens a connection.
        return owner != null && !isService(owner) ? party(owner) : onHost(end, end.command());
    }

    private Party onHost(Endpoint end, String command) {
        Identity node = end.podUid() == null ? identities.node(end.node()) : null;
        return node != null ? party(node) : process(command, end.node());
    }

    private Party peer(Endpoint known, Span span, Answer externalName) {
        Identity owner = owner(known.remoteAddress(), span);
        if (owner != null) {
            return party(owner);
        }
        if (InternalAddresses.isLoopback(known.remoteAddress())) {
            return known.podUid() != null && !isUnknownPod(known) ? end(known, span) : onHost(known, "");
        }
        String name = externalName.name();
        return new Party(new Workload(name != null ? name : text(known.remoteAddress()), EXTERNAL, EXTERNAL, "", ""));
    }

    /**
     * What an address that nobody owned is called.
     *
     * @param dialled whether the end that is known opened the connection, and so may have asked for a name before
     */
    private Answer externalName(ByteBuffer address, boolean dialled, Span span) {
        if (owner(address, span) != null || InternalAddresses.isLoopback(address)) {
            return Answer.NO_NAME;
        }
        String configured = rules.externalNames().name(address);
        if (configured != null) {
            return new Answer(configured, false);
        }
        // What a workload was answered may be forged: it names nothing that was ever inside.
        boolean outside =
                identities.address(address) == null && !rules.internal().isDeclared(address);
        String asked = outside ? askedNames.name(address, span) : null;
        if (asked != null) {
            return new Answer(asked, false);
        }
        Answer found = rules.peerNames().find(address);
        // The name that was asked for comes on a topic of its own, maybe after the connection.
        boolean mayCome = outside && dialled && !askedNames.isEmpty();
        return mayCome ? new Answer(found.name(), true) : found;
    }

    private static Party process(String command, String node) {
        return new Party(new Workload(command.isEmpty() ? "unknown" : command, node, PROCESS, "", ""));
    }

    private Party party(Identity identity) {
        if (isNode(identity)) {
            return new Party(new Workload(identity.getName(), NODE, NODE, identity.getZone(), identity.getRegion()));
        }
        boolean top = rules.traverseUpHierarchy();
        ObjectRef party = top
                ? identity.getWorkload()
                : new ObjectRef(identity.getKind(), identity.getNamespace(), identity.getName());
        ObjectRef owner = identity.getOwner();
        return new Party(
                new Workload(
                        party.getName(),
                        party.getNamespace(),
                        party.getKind(),
                        identity.getZone(),
                        identity.getRegion()),
                top || owner == null ? "" : owner.getName());
    }

    /**
     * The one workload behind a Service, or the Service where there are several. Which of its pods it was cannot be
     * told, so it stands where all of them stand.
     */
    private Party behind(Identity service) {
        ObjectRef backend = service.getBackend();
        return backend == null || !rules.traverseUpHierarchy()
                ? party(service)
                : new Party(new Workload(
                        backend.getName(),
                        backend.getNamespace(),
                        backend.getKind(),
                        service.getZone(),
                        service.getRegion()));
    }

    /** The Service dialled, where the link's server does not have its name already. */
    private String viaUnlessItself(@Nullable Identity dialled) {
        return dialled == null
                        || !isService(dialled)
                        || behind(dialled).workload().getKind().equals(dialled.getKind())
                ? ""
                : nameOf(dialled);
    }

    private String via(Endpoint client, Endpoint server, Span span) {
        if (client.remoteAddress().equals(server.localAddress())) {
            return "";
        }
        Identity dialled = owners.dialled(client, span);
        return dialled != null && isService(dialled) ? nameOf(dialled) : "";
    }

    private static String nameOf(Identity service) {
        return service.getNamespace() + "/" + service.getName();
    }

    private @Nullable Identity owner(ByteBuffer address, Span span) {
        return owners.of(address, span);
    }

    private static String text(ByteBuffer address) {
        byte[] bytes = IpAddresses.bytes(address);
        return IpAddresses.format(bytes);
    }
}
