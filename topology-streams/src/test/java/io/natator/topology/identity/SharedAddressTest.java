package io.natator.topology.identity;

import static io.natator.topology.FakeIdentities.podOf;
import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Protocol;
import io.natator.topology.FakeIdentities;
import io.natator.topology.statistics.UnresolvedReason;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests an external address that several Services share, each with ports of its own, as with MetalLB. */
class SharedAddressTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final OpenPeriod PERIOD = new OpenPeriod(START, START.plusSeconds(10));
    private static final String SHARED = "192.0.2.240";

    private final FakeIdentities identities = new FakeIdentities();
    private final WorkloadResolver resolver = FakeIdentities.resolver(identities);

    private static Identity serving(String name, String deployment, int port) {
        return Identity.newBuilder()
                .setKind("Service")
                .setNamespace("shop")
                .setName(name)
                .setWorkload(new ObjectRef("Service", "shop", name))
                .setBackend(new ObjectRef("Deployment", "shop", deployment))
                .setPorts(Map.of("tcp/" + port, ""))
                .build();
    }

    @BeforeEach
    void shareTheAddress() {
        identities.addPod("uid-guest", podOf("guest"));
        identities.addPod("uid-web", podOf("web"));
        identities.addOwner(SHARED, serving("mq", "broker", 1883), START.minusSeconds(60), null);
        identities.addOwner(SHARED, serving("web", "web", 80), START.minusSeconds(30), null);
    }

    private static ConnectionEnd end(@Nullable String pod, Protocol protocol, Endpoint local, Endpoint remote) {
        return new ConnectionEnd(new SocketProcess("node-a", "curl", pod, 0, null), protocol, local, remote);
    }

    private WorkloadResolver.Naming named(Protocol protocol, int port, @Nullable ConnectionEnd server) {
        ConnectionEnd client = end(
                "uid-guest", protocol, new Endpoint(address("10.1.0.1"), 40_000), new Endpoint(address(SHARED), port));
        return resolver.name(new ConnectionEnds(client, server), false, PERIOD);
    }

    @Test
    void serviceOfTheDialledPortIsTheOneThatWasDialled() {
        ConnectionEnd server = end(
                "uid-web",
                Protocol.TCP,
                new Endpoint(address("10.1.0.2"), 8080),
                new Endpoint(address("10.1.0.1"), 40_000));

        assertThat(named(Protocol.TCP, 80, server).link().getVia()).isEqualTo("shop/web:80");
    }

    @Test
    void serverThatDoesNotReportIsTheWorkloadBehindTheServiceOfThePort() {
        LinkKey link = named(Protocol.TCP, 1883, null).link();

        assertThat(link.getServer().getName()).isEqualTo("broker");
        assertThat(link.getVia()).isEqualTo("shop/mq:1883");
    }

    @Test
    void portThatNoServiceHasBelongsToNobody() {
        WorkloadResolver.Naming naming = named(Protocol.TCP, 443, null);

        assertThat(naming.link().getServer().getKind()).isEqualTo("external");
        assertThat(naming.link().getVia()).isEmpty();
        assertThat(naming.unresolved()).containsExactly(UnresolvedReason.NOT_OWNED_THEN);
    }

    @Test
    void portOfAnotherProtocolBelongsToNobody() {
        assertThat(named(Protocol.UDP, 80, null).link().getServer().getKind()).isEqualTo("external");
    }

    @Test
    void portThatTwoServicesHaveBelongsToNobody() {
        identities.addOwner(SHARED, serving("other", "other", 80), START.minusSeconds(20), null);

        assertThat(named(Protocol.TCP, 80, null).link().getServer().getKind()).isEqualTo("external");
        assertThat(named(Protocol.TCP, 1883, null).link().getVia()).isEqualTo("shop/mq:1883");
    }

    @Test
    void serviceThatHasTheAddressAloneOwnsAllItsPorts() {
        identities.addOwner("192.0.2.1", serving("alone", "alone", 80), START.minusSeconds(60), null);
        ConnectionEnd client = end(
                "uid-guest",
                Protocol.TCP,
                new Endpoint(address("10.1.0.1"), 40_000),
                new Endpoint(address("192.0.2.1"), 443));

        WorkloadResolver.Naming naming = resolver.name(new ConnectionEnds(client, null), false, PERIOD);

        assertThat(naming.link().getVia()).isEqualTo("shop/alone:443");
    }

    @Test
    void serviceThatSharedTheAddressEarlierDoesNotMatter() {
        identities.addOwner(SHARED, serving("former", "former", 80), START.minusSeconds(60), START.minusSeconds(40));

        assertThat(named(Protocol.TCP, 80, null).link().getVia()).isEqualTo("shop/web:80");
    }
}
