package io.natator.topology.identity;

import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.topology.statistics.UnresolvedReason;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names both ends of a connection. The first rule that applies to an end decides:
 *
 * <ol>
 *   <li>An end whose socket belongs to a known pod gets the name of the pod's top controller, whatever the address of
 *       the end is. With {@code --no-traverse-up-hierarchy} the end gets the name of the pod.
 *   <li>Otherwise the end gets the name of the object that owned the end's address while the connection was open. A
 *       process that is known to be in no pod and no container is not named after a pod: a proxy of the node can use
 *       the addresses of pods.
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
 * <p>Names are right or unknown, never wrong. {@link EndNaming} uses the owner of an address only if the identities are
 * known up to the opening of the connection. Until then the end is {@code unknown}, and the connection waits. The result
 * says whether the connection waits, and whether its names can improve later.
 *
 * <p>Pure: the same identities give the same names. As thread-safe as the identities.
 */
public final class WorkloadResolver {
    private final Clusters clusters;
    private final NamingRules rules;
    private final EndNaming ends;
    private final ExternalNameOrder externalNames;
    private final UdpClientReporting udpClients;

    /**
     * Creates a resolver.
     *
     * @param clusters looked up on every call
     * @param dnsNames looked up for external addresses
     */
    public WorkloadResolver(Clusters clusters, ObservedDnsNames dnsNames, NamingRules rules) {
        this.clusters = clusters;
        this.rules = rules;
        ends = new EndNaming(new WorkloadNames(rules.traverseUpHierarchy()), rules.internal());
        externalNames = new ExternalNameOrder(rules, dnsNames);
        udpClients = new UdpClientReporting(rules.internal());
    }

    /**
     * The link of a connection, as far as it is known now.
     *
     * @param link both workloads, the port of the server's socket, and the Service that the client dialled
     * @param sources how the names of both workloads were found
     * @param expectation whether the connection waits, and whether its names can improve
     * @param isWithinPod whether both ends are in the same pod, so that the connection is no link between workloads
     * @param clientOwner name of the direct controller of a client that is named after its pod; otherwise empty
     * @param dialledPort port that the client dialled; 0 if the port is the server's own or unknown
     * @param unresolved one reason for each end that is in a cluster but is not named after a workload
     */
    public record Naming(
            LinkKey link,
            NameSources sources,
            Expectation expectation,
            boolean isWithinPod,
            String clientOwner,
            int dialledPort,
            List<UnresolvedReason> unresolved) {}

    /**
     * Names a connection with what is known now.
     *
     * @param reported the reported ends; at least one is not null
     * @param onlyOneReports true if only one end is ever reported, for example because the connection was never
     *     established
     * @param period time during which the connection was open
     */
    public Naming name(ConnectionEnds reported, boolean onlyOneReports, OpenPeriod period) {
        ConnectionEnd client = reported.client();
        ConnectionEnd server = reported.server();
        if (client != null && server != null) {
            return nameByBothEnds(
                    ReportedEnd.of(client, period, clusters), ReportedEnd.of(server, period, clusters), period);
        }
        if (client != null) {
            return nameByClient(singleReport(client, true, period), onlyOneReports);
        }
        if (server != null) {
            return nameByServer(singleReport(server, false, period), onlyOneReports);
        }
        throw new IllegalArgumentException("cannot name a connection: neither end is known");
    }

    private Naming nameByBothEnds(ReportedEnd reportedClient, ReportedEnd reportedServer, OpenPeriod period) {
        EndName client = ends.reported(reportedClient);
        EndName server = ends.reported(reportedServer);
        int dialledPort = reportedClient.end().remote().port();
        Identity service = DialledService.between(reportedClient, reportedServer, period);
        int serverPort = ServerPort.of(reportedClient, reportedServer, service, period);
        boolean isRedirected = dialledPort != reportedServer.end().local().port();
        boolean serviceCanChange = !reportedClient.complete()
                && (isRedirected || DialledService.canBeBetween(reportedClient, reportedServer));
        return new Naming(
                new LinkKey(
                        client.name().workload(),
                        server.name().workload(),
                        serverPort,
                        reportedClient.end().protocol(),
                        DialledService.via(service, reportedClient)),
                new NameSources(client.source(), server.source()),
                new Expectation(
                        client.isAwaited() || server.isAwaited(),
                        serviceCanChange || !client.isFinal() || !server.isFinal(),
                        true),
                isWithinPod(reportedClient, reportedServer),
                client.name().controller(),
                dialledPort == serverPort ? 0 : dialledPort,
                unresolved(client, server));
    }

    /**
     * Whether a connection leads from a pod to the same pod. Sidecars of service meshes redirect each connection of their
     * application to themselves; their own connection to the peer is the one that counts. A connection over the loopback
     * device that nothing redirected is only reported if the collector's {@code --loopback} asks for it, so it counts.
     */
    private static boolean isWithinPod(ReportedEnd client, ReportedEnd server) {
        String pod = client.end().podUid();
        boolean isOverLoopback = client.hasLoopbackAddress()
                && server.hasLoopbackAddress()
                && !DialledService.isTranslated(client, server);
        return pod != null && pod.equals(server.end().podUid()) && !isOverLoopback;
    }

    private SingleReport singleReport(ConnectionEnd end, boolean byClient, OpenPeriod period) {
        ReportedEnd self = ReportedEnd.of(end, period, clusters);
        RemoteAddress remote = RemoteAddress.of(self, period);
        return new SingleReport(byClient, self, remote, externalNames.find(self, remote, byClient, period), period);
    }

    private Naming nameByClient(SingleReport report, boolean onlyOneReports) {
        ConnectionEnd end = report.end();
        Identity service = DialledService.find(report.self(), report.remote(), report.period());
        EndName server = ends.unreportedServer(report, service);
        EndName client = ends.reported(report.self());
        Identity via = report.complete() ? DialledService.unlessNamedAfterIt(service, server.name()) : null;
        int dialledPort = end.remote().port();
        int serverPort = via == null ? dialledPort : ServerPort.behind(via, end.protocol(), dialledPort);
        var link = new LinkKey(
                client.name().workload(),
                server.name().workload(),
                serverPort,
                end.protocol(),
                DialledService.via(via, report.self()));
        boolean serverReports = !report.isUdp() && rules.internal().isInternal(report.remote());
        return new Naming(
                link,
                new NameSources(client.source(), server.source()),
                expectation(report, new NamedEnds(client, server), onlyOneReports, serverReports),
                false,
                client.name().controller(),
                dialledPort == serverPort ? 0 : dialledPort,
                unresolved(client, server));
    }

    private Naming nameByServer(SingleReport report, boolean onlyOneReports) {
        ConnectionEnd end = report.end();
        EndName client = ends.unreported(report);
        EndName server = ends.reported(report.self());
        var link = new LinkKey(
                client.name().workload(), server.name().workload(), end.local().port(), end.protocol(), "");
        boolean clientReports = report.isUdp()
                ? udpClients.isReported(report.remote(), report.self())
                : rules.internal().isInternal(report.remote());
        return new Naming(
                link,
                new NameSources(client.source(), server.source()),
                expectation(report, new NamedEnds(client, server), onlyOneReports, clientReports),
                false,
                client.name().controller(),
                0,
                unresolved(client, server));
    }

    /**
     * Decides whether the connection waits. The reports of the two ends of a UDP flow are never merged, so a UDP flow does
     * not wait for the other report. An internal address without an owner can be that of a new pod, whose address its
     * kubelet reports to the API server after the pod's first connections.
     */
    private Expectation expectation(
            SingleReport report, NamedEnds named, boolean onlyOneReports, boolean otherEndReports) {
        boolean awaitsOtherEnd = !onlyOneReports && !report.isUdp();
        boolean awaitsOwner =
                report.remote().owner() == null && report.self().identities().canChange();
        boolean isInternal = rules.internal().isInternal(report.remote());
        return new Expectation(
                (isInternal && (awaitsOtherEnd || awaitsOwner))
                        || named.client().isAwaited()
                        || named.server().isAwaited()
                        || report.externalName().pending(),
                !named.client().isFinal() || !named.server().isFinal(),
                otherEndReports);
    }

    private record NamedEnds(EndName client, EndName server) {}

    private static List<UnresolvedReason> unresolved(EndName client, EndName server) {
        return Stream.of(client, server)
                .flatMap(end -> Stream.ofNullable(end.unresolved()))
                .toList();
    }
}
