package io.natator.topology.metrics;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.Identity;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Protocol;
import io.natator.topology.FakeIdentities;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.identity.Endpoint;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.identity.InternalAddresses;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.ObservedDnsNames;
import io.natator.topology.identity.OpenPeriod;
import io.natator.topology.identity.SocketProcess;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.identity.WorkloadResolver.Naming;
import io.natator.topology.link.LinkReader.Link;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that the names in Caretta's labels are those that Caretta itself would export (v0.0.17, pkg/k8s/ipresolver.go:
 * resolvePodDescriptor, updateIpMapping, ResolveIP). Four differences are intended. A pod with hostNetwork and a static
 * pod, if reported, are named after themselves and not after their node. Addresses of load balancers, external
 * addresses and node ports belong to their Service. The top controller can be a custom resource. DNS names have no
 * trailing dot.
 */
class CarettaRulesTest {
    private static final Instant BEFORE = START.minusSeconds(60);

    private final FakeIdentities identities = new FakeIdentities();

    @BeforeEach
    void cluster() {
        addPod("10.0.0.1", "web-1-x", ref("ReplicaSet", "web-1"), ref("Deployment", "web"));
        addPod("10.0.0.2", "db-0", ref("StatefulSet", "db"), ref("StatefulSet", "db"));
        addPod("10.0.0.3", "report-17-x", ref("Job", "report-17"), ref("CronJob", "report"));
        addPod("10.0.0.4", "agent-x", ref("DaemonSet", "agent"), ref("DaemonSet", "agent"));
        addPod("10.0.0.5", "roll-1-x", ref("ReplicaSet", "roll-1"), ref("Rollout", "roll"));
        addPod("10.0.0.6", "alone", null, ref("Pod", "alone"));
        identities.addOwner("10.96.0.1", FakeIdentities.service("api", "web"), BEFORE, null);
        identities.addOwner("192.168.0.1", FakeIdentities.nodeOf("node-a"), BEFORE, null);
    }

    private static ObjectRef ref(String kind, String name) {
        return new ObjectRef(kind, "shop", name);
    }

    private void addPod(String address, String name, @Nullable ObjectRef owner, ObjectRef top) {
        identities.addOwner(
                address,
                Identity.newBuilder()
                        .setKind("Pod")
                        .setNamespace("shop")
                        .setName(name)
                        .setOwner(owner)
                        .setWorkload(top)
                        .build(),
                BEFORE,
                null);
    }

    private List<Labels> observed(boolean traverse, String client, String server) {
        return observed(traverse, end(client, 40_000, server, 80), null);
    }

    private List<Labels> observed(boolean traverse, ConnectionEnd client, @Nullable ConnectionEnd server) {
        var rules = new NamingRules(
                true,
                new InternalAddresses(List.of()),
                ExternalNames.NONE,
                address -> new NameLookup.Result(address.equals(address("8.8.4.4")) ? "dns.example.org" : null, false),
                Duration.ofHours(1),
                traverse);
        Naming naming = Objects.requireNonNull(new WorkloadResolver(identities, ObservedDnsNames.NONE, rules)
                .name(new ConnectionEnds(client, server), false, new OpenPeriod(START, START.plusSeconds(1))));
        var families = new CarettaMetricFamilies();
        families.add(new Link(
                naming.link(),
                LinkTotals.newBuilder()
                        .setFirstSeen(START)
                        .setLastSeen(START)
                        .setConnectionsOpened(1)
                        .setClientOwner(naming.clientOwner())
                        .setDialledPort(naming.dialledPort())
                        .build()));
        return families.snapshots().stream()
                .filter(family -> family.getMetadata().getName().equals("caretta_links_observed"))
                .map(MetricSnapshot::getDataPoints)
                .flatMap(List::stream)
                .map(point -> point.getLabels())
                .toList();
    }

    private static ConnectionEnd end(String local, int localPort, String remote, int remotePort) {
        return new ConnectionEnd(
                new SocketProcess("node-a", "app", null, 0, null),
                Protocol.TCP,
                new Endpoint(address(local), localPort),
                new Endpoint(address(remote), remotePort));
    }

    private static String client(Labels labels) {
        return String.join(
                " ",
                labels.get("client_kind"),
                labels.get("client_namespace") + "/" + labels.get("client_name"),
                "owner=" + labels.get("client_owner"));
    }

    @ParameterizedTest
    @CsvSource({
        "true,  10.0.0.1,    Deployment shop/web owner=",
        "false, 10.0.0.1,    pod shop/web-1-x owner=web-1",
        "true,  10.0.0.2,    StatefulSet shop/db owner=",
        "false, 10.0.0.2,    pod shop/db-0 owner=db",
        "true,  10.0.0.3,    CronJob shop/report owner=",
        "false, 10.0.0.3,    pod shop/report-17-x owner=report-17",
        "true,  10.0.0.4,    DaemonSet shop/agent owner=",
        "false, 10.0.0.4,    pod shop/agent-x owner=agent",
        "true,  10.0.0.5,    Rollout shop/roll owner=",
        "true,  10.0.0.6,    pod shop/alone owner=",
        "false, 10.0.0.6,    pod shop/alone owner=",
        "true,  192.168.0.1, node node/node-a owner=",
        "false, 192.168.0.1, node node/node-a owner="
    })
    void clientsHaveTheNamesThatCarettaGivesThem(boolean traverse, String client, String expected) {
        assertThat(observed(traverse, client, "8.8.8.8"))
                .singleElement()
                .satisfies(labels -> assertThat(client(labels)).isEqualTo(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.2,    StatefulSet shop/db",
        "10.0.0.6,    pod shop/alone",
        "10.96.0.1,   Service shop/api",
        "192.168.0.1, node node/node-a",
        "8.8.8.8,     external external/8.8.8.8",
        "8.8.4.4,     external external/dns.example.org"
    })
    void unreportedServersHaveTheNamesThatCarettaGivesThem(String server, String expected) {
        assertThat(observed(true, "10.0.0.1", server))
                .filteredOn(labels -> "1".equals(labels.get("role")))
                .singleElement()
                .satisfies(labels -> assertThat(labels.get("server_kind") + " " + labels.get("server_namespace") + "/"
                                + labels.get("server_name"))
                        .isEqualTo(expected));
    }

    /**
     * Tests the port label: the client's series has the port that the client dialled, the server's series has the port
     * of the server's socket.
     */
    @ParameterizedTest
    @CsvSource({
        "10.96.0.1,   80,    8080, Service api 80,     StatefulSet db 8080",
        "10.96.0.1,   8080,  8080, Service api 8080,   StatefulSet db 8080",
        "192.168.0.1, 30080, 8080, Service api 30080,  StatefulSet db 8080",
        "10.0.0.2,    8080,  8080, StatefulSet db 8080, StatefulSet db 8080",
        "10.96.0.1,   80,    ,     Service api 80,     Deployment web 80"
    })
    void eachEndExportsThePortThatItKnows(
            String dialled, int dialledPort, @Nullable Integer targetPort, String clientSays, String serverSays) {
        // Given
        identities.addNodePort(Protocol.TCP, 30_080, FakeIdentities.service("api", "web"), BEFORE, null);
        ConnectionEnd client = end("10.0.0.1", 40_000, dialled, dialledPort);
        ConnectionEnd server = targetPort == null ? null : end("10.0.0.2", targetPort, "10.0.0.1", 40_000);

        // When
        List<Labels> observed = observed(true, client, server);

        // Then
        assertThat(said(observed, "1")).isEqualTo(clientSays);
        assertThat(said(observed, "2")).isEqualTo(serverSays);
    }

    private static String said(List<Labels> observed, String role) {
        return observed.stream()
                .filter(labels -> role.equals(labels.get("role")))
                .map(labels ->
                        labels.get("server_kind") + " " + labels.get("server_name") + " " + labels.get("server_port"))
                .collect(Collectors.joining(", "));
    }

    @Test
    void labelsEqualThoseOfCaretta() {
        assertThat(observed(true, "10.0.0.1", "8.8.8.8").getFirst().stream())
                .extracting(label -> label.getName())
                .containsExactlyInAnyOrder(
                        "link_id",
                        "client_id",
                        "client_name",
                        "client_namespace",
                        "client_kind",
                        "client_owner",
                        "server_id",
                        "server_name",
                        "server_namespace",
                        "server_kind",
                        "server_port",
                        "role");
    }
}
