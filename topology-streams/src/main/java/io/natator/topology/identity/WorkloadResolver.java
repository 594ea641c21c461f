package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.IdentityKinds.isService;
import static io.natator.topology.identity.IdentityKinds.keepsItsAddress;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.NameLookup.Result;
import io.natator.topology.identity.WorkloadNames.NamedEnd;
import io.natator.topology.state.TopologyStatistics.Unresolved;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names both ends of a connection. The first rule that applies decides:
 *
 * <ol>
 *   <li>An end whose socket belongs to a known pod gets the name of the pod's top controller (or of the pod itself, see
 *       {@link NamingRules}), whatever its address is.
 *   <li>Otherwise it gets the name of the object that owned its address while the connection was open.
 *   <li>An end that was reported by a node of a known cluster gets the name of the node; on any other host it gets the
 *       name of its process.
 *   <li>An end that was not reported, and whose address has no known owner, is external. It gets the configured name of
 *       its address range, the name that a workload looked up in the DNS, the name that a reverse look-up finds, or
 *       else its address. A loopback address is not external: it belongs to the pod or host of the end that was
 *       reported.
 * </ol>
 *
 * <p>If a client dialled a Service and the server's end was not reported, the server is named after the workload behind
 * the Service, or after the Service itself if there are several workloads.
 *
 * <p>If an end can only be named by its address, naming waits, because a new owner of the address may not be known yet.
 * It does not wait if the owner is a Service or a node, because their addresses do not change owners.
 *
 * <p>Pure: the same identities give the same names. As thread-safe as the identities.
 */
public final class WorkloadResolver {
    private final Identities identities;
    private final ObservedDnsNames dnsNames;
    private final NamingRules rules;
    private final WorkloadNames names;

    /**
     * A resolver.
     *
     * @param identities looked up on every call
     * @param dnsNames looked up for external addresses
     */
    public WorkloadResolver(Identities identities, ObservedDnsNames dnsNames, NamingRules rules) {
        this.identities = identities;
        this.dnsNames = dnsNames;
        this.rules = rules;
        names = new WorkloadNames(rules.traverseUpHierarchy());
    }

    /**
     * The link of a connection.
     *
     * @param link both workloads, the port of the server's socket, and the Service that the client dialled
     * @param otherEndReports whether the other end is, or may be, reported too. For the server of a UDP flow: whether
     *     the client certainly is; for the client of a UDP flow always false, because nothing of the server's half is
     *     awaited
     * @param clientOwner name of the direct controller of a client that is named after its pod, else empty
     * @param dialledPort port that the client dialled; 0 if it is the server's own port or unknown
     * @param unresolved why ends lack the name they should have, one reason for each such end
     */
    public record Naming(
            LinkKey link, boolean otherEndReports, String clientOwner, int dialledPort, List<Unresolved> unresolved) {}

    /** A reported end, its pod, and the owner of its local address; the owner is only looked up without a known pod. */
    private record ReportedEnd(
            ConnectionEnd end,
            @Nullable Identity pod,
            @Nullable Identity addressOwner) {
        boolean isInUnknownPod() {
            return end.podUid() != null && pod == null;
        }
    }

    /**
     * The remote address of a reported end.
     *
     * @param hasHistory whether any owner of the address is known, at whatever time
     * @param owner the owner while the connection was open, null if unknown
     */
    private record RemoteAddress(
            ByteBuffer address,
            boolean hasHistory,
            @Nullable Identity owner) {
        boolean isLoopback() {
            return InternalAddresses.isLoopback(address);
        }
    }

    /**
     * Names a connection.
     *
     * @param ends at least one of them is known
     * @param onlyOneReports whether by nature only one end is reported, as of a connection that was never established
     * @param decide true to name it with what is known now; false to wait for what may still become known
     * @return null if waiting may give better names
     */
    public @Nullable Naming name(ConnectionEnds ends, boolean onlyOneReports, OpenPeriod period, boolean decide) {
        ConnectionEnd client = ends.client();
        ConnectionEnd server = ends.server();
        if (client != null && server != null) {
            return nameByBothEnds(client, server, period, decide);
        }
        if (client != null) {
            return nameByClient(client, onlyOneReports, period, decide);
        }
        if (server != null) {
            return nameByServer(server, onlyOneReports, period, decide);
        }
        throw new IllegalArgumentException("cannot name a connection: neither end is known");
    }

    private @Nullable Naming nameByBothEnds(
            ConnectionEnd client, ConnectionEnd server, OpenPeriod period, boolean decide) {
        ReportedEnd reportedClient = reported(client, period);
        ReportedEnd reportedServer = reported(server, period);
        if (!decide && (awaitsIdentity(reportedClient) || awaitsIdentity(reportedServer))) {
            return null;
        }
        List<Unresolved> unresolved = new ArrayList<>();
        addUnknownPod(unresolved, reportedClient);
        addUnknownPod(unresolved, reportedServer);
        NamedEnd namedClient = named(reportedClient);
        int dialledPort = client.remote().port();
        int serverPort = server.local().port();
        return new Naming(
                new LinkKey(
                        namedClient.workload(),
                        named(reportedServer).workload(),
                        serverPort,
                        client.protocol(),
                        viaOf(client, server, period)),
                true,
                namedClient.controller(),
                dialledPort == serverPort ? 0 : dialledPort,
                List.copyOf(unresolved));
    }

    private @Nullable Naming nameByClient(
            ConnectionEnd client, boolean onlyOneReports, OpenPeriod period, boolean decide) {
        ReportedEnd self = reported(client, period);
        RemoteAddress remote = remote(client, period);
        boolean udp = client.protocol() == Protocol.UDP;
        boolean isInternal = isInternal(remote);
        boolean awaitsRemote = isInternal && !((onlyOneReports || udp) && keepsItsAddress(remote.owner()));
        Result externalName = externalName(remote, true, period);
        if (!decide && (awaitsIdentity(self) || awaitsRemote || externalName.pending())) {
            return null;
        }
        Identity service = dialledService(client, remote.owner(), period);
        NamedEnd server = service != null ? names.behind(service) : unreported(self, remote, externalName);
        NamedEnd namedClient = named(self);
        var link = new LinkKey(
                namedClient.workload(),
                server.workload(),
                client.remote().port(),
                client.protocol(),
                viaUnlessNamedAfterIt(service, server));
        return new Naming(
                link, !udp && isInternal, namedClient.controller(), 0, unresolved(self, server, remote, externalName));
    }

    private @Nullable Naming nameByServer(
            ConnectionEnd server, boolean onlyOneReports, OpenPeriod period, boolean decide) {
        ReportedEnd self = reported(server, period);
        RemoteAddress remote = remote(server, period);
        boolean udp = server.protocol() == Protocol.UDP;
        boolean isInternal = isInternal(remote);
        // Whether a UDP server's half counts depends on the owner of the client's address, whatever range it is in.
        boolean awaitsRemote = (isInternal || udp) && !((onlyOneReports || udp) && keepsItsAddress(remote.owner()));
        Result externalName = externalName(remote, false, period);
        if (!decide && (awaitsIdentity(self) || awaitsRemote || externalName.pending())) {
            return null;
        }
        NamedEnd client = unreported(self, remote, externalName);
        var link = new LinkKey(
                client.workload(), named(self).workload(), server.local().port(), server.protocol(), "");
        return new Naming(
                link,
                udp ? udpClientReports(server, remote) : isInternal,
                client.controller(),
                0,
                unresolved(self, client, remote, externalName));
    }

    private ReportedEnd reported(ConnectionEnd end, OpenPeriod period) {
        String podUid = end.podUid();
        Identity pod = podUid == null ? null : identities.pod(podUid);
        Identity owner = pod != null
                ? null
                : OwnerHistory.ownerDuring(identities.address(end.local().address()), period);
        return new ReportedEnd(end, pod, owner);
    }

    private RemoteAddress remote(ConnectionEnd end, OpenPeriod period) {
        ByteBuffer address = end.remote().address();
        AddressOwners owners = identities.address(address);
        return new RemoteAddress(address, owners != null, OwnerHistory.ownerDuring(owners, period));
    }

    private boolean isInternal(RemoteAddress remote) {
        return remote.hasHistory() || rules.internal().contains(remote.address());
    }

    /** Whether a better name of a reported end may still become known. */
    private boolean awaitsIdentity(ReportedEnd reported) {
        ConnectionEnd end = reported.end();
        if (end.podUid() != null) {
            return reported.isInUnknownPod();
        }
        if (InternalAddresses.isLoopback(end.local().address())) {
            return false;
        }
        return reported.addressOwner() == null
                ? identities.node(end.process().node()) != null
                : !keepsItsAddress(reported.addressOwner());
    }

    private NamedEnd named(ReportedEnd reported) {
        if (reported.pod() != null) {
            return names.of(reported.pod());
        }
        // With IPVS, kube-proxy assigns the Services' addresses to the node too, but a Service opens no connection.
        Identity owner = reported.addressOwner();
        return owner != null && !isService(owner)
                ? names.of(owner)
                : onHost(reported.end(), reported.end().process().command());
    }

    private NamedEnd onHost(ConnectionEnd end, String command) {
        String host = end.process().node();
        Identity node = end.podUid() == null ? identities.node(host) : null;
        return node != null ? names.of(node) : WorkloadNames.process(command, host);
    }

    /** The name of the end that was not reported. */
    private NamedEnd unreported(ReportedEnd self, RemoteAddress remote, Result externalName) {
        if (remote.owner() != null) {
            return names.of(remote.owner());
        }
        if (remote.isLoopback()) {
            return self.pod() != null ? named(self) : onHost(self.end(), "");
        }
        return WorkloadNames.external(externalName.name(), remote.address());
    }

    /**
     * The name of an external address.
     *
     * @param isDialled whether the reported end opened the connection, and so may have looked the name up before
     */
    private Result externalName(RemoteAddress remote, boolean isDialled, OpenPeriod period) {
        if (remote.owner() != null || remote.isLoopback()) {
            return Result.NO_NAME;
        }
        String configured = rules.externalNames().name(remote.address());
        if (configured != null) {
            return new Result(configured, false);
        }
        // DNS answers can be forged, so they never name an address that is or was internal.
        boolean isOutside = !remote.hasHistory() && !rules.internal().isDeclared(remote.address());
        String observed = isOutside ? dnsNames.name(remote.address(), period) : null;
        if (observed != null) {
            return new Result(observed, false);
        }
        Result found = rules.nameLookup().find(remote.address());
        // Observed names come from another topic, so the name may be read after the connection.
        boolean mayFollow = isOutside && isDialled && !dnsNames.isEmpty();
        return mayFollow ? new Result(found.name(), true) : found;
    }

    /**
     * Whether the client's node reports the same UDP flow. It does if the client is a pod or node of a cluster, is on
     * the server's own host, or is in a range that is configured as internal. On a host outside any cluster, owners of
     * addresses are unknown, so any private address may be reported.
     *
     * <p>The API server does not know the address of a bridge between a node and its pods. A client that sends from it
     * is counted twice, unless the address is in a range that is configured as internal.
     */
    private boolean udpClientReports(ConnectionEnd server, RemoteAddress client) {
        ByteBuffer address = client.address();
        if (client.isLoopback()
                || address.equals(server.local().address())
                || rules.internal().isDeclared(address)) {
            return true;
        }
        if (client.owner() != null) {
            return !isService(client.owner());
        }
        boolean isOutsideClusters = identities.node(server.process().node()) == null;
        return isOutsideClusters && rules.internal().contains(address);
    }

    /** The Service whose address, or whose port of a node, the client dialled; null if it dialled no Service. */
    private @Nullable Identity dialledService(ConnectionEnd client, @Nullable Identity remoteOwner, OpenPeriod period) {
        Identity dialled = isNode(remoteOwner)
                ? OwnerHistory.ownerDuring(
                        identities.nodePort(client.protocol(), client.remote().port()), period)
                : remoteOwner;
        return isService(dialled) ? dialled : null;
    }

    /**
     * The Service that was dialled, if both ends were reported; empty if the client dialled the server's own address.
     */
    private String viaOf(ConnectionEnd client, ConnectionEnd server, OpenPeriod period) {
        if (client.remote().address().equals(server.local().address())) {
            return "";
        }
        Identity service = dialledService(client, remote(client, period).owner(), period);
        return service == null ? "" : qualifiedName(service);
    }

    /** The Service that was dialled; empty if the server is named after the Service itself. */
    private static String viaUnlessNamedAfterIt(@Nullable Identity service, NamedEnd server) {
        return service == null || server.workload().getKind().equals(service.getKind()) ? "" : qualifiedName(service);
    }

    private static String qualifiedName(Identity service) {
        return service.getNamespace() + "/" + service.getName();
    }

    private List<Unresolved> unresolved(ReportedEnd self, NamedEnd other, RemoteAddress remote, Result externalName) {
        List<Unresolved> unresolved = new ArrayList<>();
        addUnknownPod(unresolved, self);
        if (other.isExternal() && isInternal(remote) && externalName.name() == null) {
            unresolved.add(remote.hasHistory() ? Unresolved.NOT_OWNED_THEN : Unresolved.UNKNOWN_ADDRESS);
        }
        return List.copyOf(unresolved);
    }

    private static void addUnknownPod(List<Unresolved> unresolved, ReportedEnd end) {
        if (end.isInUnknownPod()) {
            unresolved.add(Unresolved.UNKNOWN_POD);
        }
    }
}
