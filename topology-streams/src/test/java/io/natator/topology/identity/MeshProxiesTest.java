package io.natator.topology.identity;

import static io.natator.topology.FakeIdentities.nodeOf;
import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NameKind;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Protocol;
import io.natator.topology.FakeIdentities;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names and ports of connections that the proxies of service meshes accept or open for a pod. */
class MeshProxiesTest {
    private static final OpenPeriod PERIOD = new OpenPeriod(START, START.plusSeconds(60));
    private static final String CART = "10.1.0.1";
    private static final String STOCK = "10.1.0.2";
    private static final String SERVICE = "10.96.0.1";

    private final FakeIdentities identities = new FakeIdentities();
    private final WorkloadResolver resolver = FakeIdentities.resolver(identities);

    @BeforeEach
    void addCluster() {
        identities.addNode(nodeOf("node-a"));
        addPod("uid-cart", "cart", CART);
        addPod("uid-stock", "stock", STOCK);
        identities.addPod("uid-proxy", pod("proxy", "uid-proxy", false));
        identities.addPod("uid-host-proxy", pod("proxy", "uid-host-proxy", true));
        Identity service = Identity.newBuilder()
                .setKind("Service")
                .setNamespace("shop")
                .setName("stock")
                .setWorkload(new ObjectRef("Service", "shop", "stock"))
                .setPorts(Map.of("tcp/80", ""))
                .setTargetPorts(Map.of("tcp/80", "8080"))
                .build();
        identities.addOwner(SERVICE, service, START.minusSeconds(60), null);
    }

    private static Identity pod(String name, String uid, boolean hostNetwork) {
        return Identity.newBuilder()
                .setKind("Pod")
                .setNamespace("shop")
                .setName(name + "-abc")
                .setUid(uid)
                .setHostNetwork(hostNetwork)
                .setWorkload(new ObjectRef("Deployment", "shop", name))
                .build();
    }

    private void addPod(String uid, String name, String address) {
        Identity pod = pod(name, uid, false);
        identities.addPod(uid, pod);
        identities.addOwner(address, pod, START.minusSeconds(60), null);
    }

    private static ConnectionEnd end(@Nullable String pod, String local, int localPort, String remote, int remotePort) {
        return end(new SocketProcess("node-a", "envoy", pod, 0, null), local, localPort, remote, remotePort);
    }

    private static ConnectionEnd end(
            SocketProcess process, String local, int localPort, String remote, int remotePort) {
        return new ConnectionEnd(
                process,
                Protocol.TCP,
                new Endpoint(address(local), localPort),
                new Endpoint(address(remote), remotePort));
    }

    private static SocketProcess outsidePods(NameKind kind) {
        return new SocketProcess("", "node-a", "envoy", null, 0, null, new OwnerName("", kind));
    }

    private String link(ConnectionEnd client, ConnectionEnd server) {
        LinkKey link =
                resolver.name(new ConnectionEnds(client, server), false, PERIOD).link();
        return link.getClient().getName() + " -> " + link.getServer().getName() + ":" + link.getServerPort() + " "
                + link.getVia();
    }

    /** Other processes can be in the network namespace of the pod. */
    @ParameterizedTest
    @CsvSource({"UNIT, node-a", "PROCESS, cart", "NONE, cart", "UNRESOLVED, cart", "CONTAINER, cart", "TASK, cart"})
    void serviceOfTheNodeAtThePodsAddressIsTheNode(NameKind kind, String expected) {
        ConnectionEnd proxy = end(outsidePods(kind), CART, 40_000, STOCK, 8080);

        assertThat(link(proxy, end("uid-stock", STOCK, 8080, CART, 40_000))).isEqualTo(expected + " -> stock:8080 ");
    }

    @Test
    void hopsOfTransparentProxyOfTheNodeAreDifferentLinks() {
        SocketProcess proxy = outsidePods(NameKind.UNIT);

        String first = link(end("uid-cart", CART, 40_000, STOCK, 8080), end(proxy, STOCK, 8080, CART, 40_000));
        String second = link(end(proxy, CART, 40_001, STOCK, 8080), end("uid-stock", STOCK, 8080, CART, 40_001));

        assertThat(first).isEqualTo("cart -> node-a:8080 ");
        assertThat(second).isEqualTo("node-a -> stock:8080 ");
    }

    @Test
    void serviceOfTheNodeAwaitsNoOwnerOfItsAddress() {
        identities.completeAsOf(START.minusSeconds(1));
        ConnectionEnd proxy = end(outsidePods(NameKind.UNIT), CART, 40_000, STOCK, 8080);
        var ends = new ConnectionEnds(proxy, end("uid-stock", STOCK, 8080, CART, 40_000));

        assertThat(resolver.name(ends, false, PERIOD).expectation().waits()).isFalse();
    }

    @Test
    void portOfAProxyInTheClientsNamespaceIsThatOfItsSocket() {
        ConnectionEnd client = end("uid-cart", CART, 40_000, SERVICE, 80);

        assertThat(link(client, end("uid-proxy", "127.0.0.1", 15_001, CART, 40_000)))
                .isEqualTo("cart -> proxy:15001 shop/stock:80");
    }

    @Test
    void portOfAProxyInTheServersNamespaceIsThatOfItsSocket() {
        ConnectionEnd proxy = end("uid-proxy", STOCK, 15_006, CART, 40_000);

        assertThat(link(end("uid-cart", CART, 40_000, STOCK, 8080), proxy)).isEqualTo("cart -> proxy:15006 ");
        assertThat(link(end("uid-cart", CART, 40_000, SERVICE, 80), proxy))
                .isEqualTo("cart -> proxy:15006 shop/stock:80");
    }

    @Test
    void portBehindASidecarIsTheApplicationsAtEveryAddressOfThePod() {
        ConnectionEnd client = end("uid-cart", CART, 40_000, STOCK, 8080);

        assertThat(link(client, end("uid-stock", STOCK, 15_006, CART, 40_000))).isEqualTo("cart -> stock:8080 ");
        assertThat(link(client, end("uid-stock", "10.2.0.2", 15_006, CART, 40_000)))
                .isEqualTo("cart -> stock:8080 ");
    }

    @Test
    void serviceIsViaIfAProxyOfTheNodeAcceptsAtItsAddress() {
        ConnectionEnd client = end("uid-cart", CART, 40_000, SERVICE, 80);

        assertThat(link(client, end("uid-host-proxy", SERVICE, 80, CART, 40_000)))
                .isEqualTo("cart -> proxy:80 shop/stock:80");
        assertThat(link(client, end(outsidePods(NameKind.UNIT), SERVICE, 80, CART, 40_000)))
                .isEqualTo("cart -> node-a:80 shop/stock:80");
    }
}
