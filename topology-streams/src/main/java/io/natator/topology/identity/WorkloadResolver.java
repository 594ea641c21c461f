package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.IdentityKinds.isService;

import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.topology.identity.NameLookup.Result;
import io.natator.topology.identity.WorkloadNames.NamedEnd;
import io.natator.topology.statistics.UnresolvedReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names both ends of a connection. The first rule that applies to an end decides:
 *
 * <ol>
 *   <li>An end whose socket belongs to a known pod gets the name of the pod's top controller, whatever the address of
 *       the end is. With {@code --no-traverse-up-hierarchy} the end gets the name of the pod.
 *   <li>Otherwise the end gets the name of the object that owned the end's address while the connection was open.
 *   <li>An end that was reported by a node of a known cluster gets the name of the node. On any other host, a reported
 *       end gets the name of its systemd unit, container, task or program, which the collector has found.
 *   <li>An end that was not reported, and whose address has no known owner, is external. {@link ExternalNameOrder}
 *       decides which external name the end gets; without any name, the address is the name. An end with a loopback
 *       address is not external, and belongs to the pod or host of the reported end.
 * </ol>
 *
 * <p>If a client dialled a Service and the server's end was not reported, the server is named after the workload behind
 * the Service. The server is named after the Service itself if several workloads are behind it.
 *
 * <p>{@link WaitBeforeNaming} decides whether naming waits for better names.
 *
 * <p>Pure: the same identities give the same names. As thread-safe as the identities.
 */
public final class WorkloadResolver {
    private final Identities identities;
    private final NamingRules rules;
    private final WorkloadNames names;
    private final WaitBeforeNaming waitBeforeNaming;
    private final ExternalNameOrder externalNames;
    private final UdpClientReporting udpClients;
    private final DialledService dialledService;

    /**
     * Creates a resolver.
     *
     * @param identities looked up on every call
     * @param dnsNames looked up for external addresses
     */
    public WorkloadResolver(Identities identities, ObservedDnsNames dnsNames, NamingRules rules) {
        this.identities = identities;
        this.rules = rules;
        names = new WorkloadNames(rules.traverseUpHierarchy());
        waitBeforeNaming = new WaitBeforeNaming(identities, rules.internal());
        externalNames = new ExternalNameOrder(rules, dnsNames);
        udpClients = new UdpClientReporting(identities, rules.internal());
        dialledService = new DialledService(identities);
    }

    /**
     * The link of a connection.
     *
     * @param link both workloads, the port of the server's socket, and the Service that the client dialled
     * @param otherEndReports whether the other end is reported too, or can be reported later. For a UDP flow that the
     *     server reported: whether the client is certainly reported too. For a UDP flow that the client reported:
     *     always false, because the ledger does not wait for the server's report
     * @param clientOwner name of the direct controller of a client that is named after its pod; otherwise empty
     * @param dialledPort port that the client dialled; 0 if the port is the server's own or unknown
     * @param unresolved one reason for each end that is in a cluster but is not named after a workload
     */
    public record Naming(
            LinkKey link,
            boolean otherEndReports,
            String clientOwner,
            int dialledPort,
            List<UnresolvedReason> unresolved) {}

    /**
     * Names a connection.
     *
     * @param ends the reported ends; at least one is not null
     * @param onlyOneReports true if only one end is ever reported, for example because the connection was never
     *     established
     * @param period time during which the connection was open
     * @param decide true to use the names that are known now; false to wait if better names can become known
     * @return null if the connection has to wait for better names
     */
    public @Nullable Naming name(ConnectionEnds ends, boolean onlyOneReports, OpenPeriod period, boolean decide) {
        ConnectionEnd client = ends.client();
        ConnectionEnd server = ends.server();
        if (client != null && server != null) {
            return nameByBothEnds(client, server, period, decide);
        }
        if (client != null) {
            SingleReport report = singleReport(client, true, period);
            return decide || !waitBeforeNaming.forOneEnd(report, onlyOneReports) ? nameByClient(report) : null;
        }
        if (server != null) {
            SingleReport report = singleReport(server, false, period);
            return decide || !waitBeforeNaming.forOneEnd(report, onlyOneReports) ? nameByServer(report) : null;
        }
        throw new IllegalArgumentException("cannot name a connection: neither end is known");
    }

    private @Nullable Naming nameByBothEnds(
            ConnectionEnd client, ConnectionEnd server, OpenPeriod period, boolean decide) {
        ReportedEnd reportedClient = ReportedEnd.of(client, period, identities);
        ReportedEnd reportedServer = ReportedEnd.of(server, period, identities);
        if (!decide && waitBeforeNaming.forBothEnds(reportedClient, reportedServer)) {
            return null;
        }
        List<UnresolvedReason> unresolved = new ArrayList<>();
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
                        dialledService.via(client, server, period)),
                true,
                namedClient.controller(),
                dialledPort == serverPort ? 0 : dialledPort,
                List.copyOf(unresolved));
    }

    private SingleReport singleReport(ConnectionEnd end, boolean byClient, OpenPeriod period) {
        ReportedEnd self = ReportedEnd.of(end, period, identities);
        RemoteAddress remote = RemoteAddress.of(end, period, identities);
        return new SingleReport(byClient, self, remote, externalNames.find(remote, byClient, period), period);
    }

    private Naming nameByClient(SingleReport report) {
        ConnectionEnd end = report.end();
        Identity service = dialledService.find(end, report.remote().owner(), report.period());
        NamedEnd server = service != null ? names.behind(service) : unreported(report);
        NamedEnd client = named(report.self());
        var link = new LinkKey(
                client.workload(),
                server.workload(),
                end.remote().port(),
                end.protocol(),
                DialledService.viaUnlessNamedAfterIt(service, server));
        boolean serverReports = !report.isUdp() && rules.internal().isInternal(report.remote());
        return new Naming(link, serverReports, client.controller(), 0, unresolved(report, server));
    }

    private Naming nameByServer(SingleReport report) {
        ConnectionEnd end = report.end();
        NamedEnd client = unreported(report);
        var link = new LinkKey(
                client.workload(), named(report.self()).workload(), end.local().port(), end.protocol(), "");
        boolean clientReports = report.isUdp()
                ? udpClients.isReported(report.remote(), report.self())
                : rules.internal().isInternal(report.remote());
        return new Naming(link, clientReports, client.controller(), 0, unresolved(report, client));
    }

    private NamedEnd named(ReportedEnd reported) {
        if (reported.pod() != null) {
            return names.of(reported.pod());
        }
        // With IPVS, kube-proxy assigns the addresses of Services to every node. So a client with such an address is
        // the node, because a Service opens no connections.
        Identity owner = reported.addressOwner();
        SocketProcess process = reported.end().process();
        // A process that the collector could not find can be in a pod on the node's network.
        return owner != null && !isService(owner) && !(isNode(owner) && process.isUnresolved())
                ? names.of(owner)
                : onHost(reported, WorkloadNames.process(process));
    }

    private NamedEnd onHost(ReportedEnd reported, NamedEnd process) {
        boolean maybeInPod =
                reported.end().podUid() != null || reported.end().process().isUnresolved();
        Identity node = maybeInPod ? null : identities.node(reported.node());
        return node != null ? names.of(node) : process;
    }

    /** The name of the end that was not reported. Only its address is known. */
    private NamedEnd unreported(SingleReport report) {
        RemoteAddress remote = report.remote();
        if (remote.owner() != null) {
            return names.of(remote.owner());
        }
        if (remote.isLoopback()) {
            ReportedEnd self = report.self();
            return self.pod() != null ? named(self) : onHost(self, WorkloadNames.unknownProcess(self.node()));
        }
        Result externalName = report.externalName();
        return WorkloadNames.external(externalName.name(), remote.address());
    }

    private List<UnresolvedReason> unresolved(SingleReport report, NamedEnd other) {
        List<UnresolvedReason> unresolved = new ArrayList<>();
        addUnknownPod(unresolved, report.self());
        RemoteAddress remote = report.remote();
        if (other.isExternal()
                && rules.internal().isInternal(remote)
                && report.externalName().name() == null) {
            unresolved.add(remote.hasHistory() ? UnresolvedReason.NOT_OWNED_THEN : UnresolvedReason.UNKNOWN_ADDRESS);
        }
        return List.copyOf(unresolved);
    }

    private static void addUnknownPod(List<UnresolvedReason> unresolved, ReportedEnd end) {
        if (end.isInUnknownPod()) {
            unresolved.add(UnresolvedReason.UNKNOWN_POD);
        }
    }
}
