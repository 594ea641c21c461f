package io.natator.topology.identity;

import static io.natator.topology.FakeIdentities.nodeOf;
import static io.natator.topology.FakeIdentities.podOf;
import static io.natator.topology.FakeIdentities.service;
import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.CidrBlock;
import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NameKind;
import io.natator.schemas.Ownership;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.FakeIdentities;
import io.natator.topology.identity.NameLookup.Result;
import io.natator.topology.identity.WorkloadResolver.Naming;
import io.natator.topology.statistics.UnresolvedReason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadResolverTest {
    private static final Workload UNKNOWN = new Workload("unknown", "unknown", "unknown", "", "", "");
    private static final OpenPeriod PERIOD = new OpenPeriod(START, START.plusSeconds(60));

    private final FakeIdentities identities = new FakeIdentities();
    private Result foundName = Result.NO_NAME;
    private final Map<ByteBuffer, String> asked = new HashMap<>();
    private final ObservedDnsNames askedNames = new ObservedDnsNames() {
        @Override
        public @Nullable String name(String cluster, ByteBuffer address, OpenPeriod period) {
            return asked.get(address);
        }

        @Override
        public boolean isEmpty() {
            return asked.isEmpty();
        }
    };
    private final WorkloadResolver resolver = resolver(true);

    private WorkloadResolver resolver(boolean traverseUpHierarchy) {
        return new WorkloadResolver(
                identities,
                askedNames,
                new NamingRules(
                        true,
                        new InternalAddresses(List.of(CidrBlock.parse("203.0.113.0/25"))),
                        ExternalNames.parse("names", List.of("198.51.100.0/24: cloud", "10.9.0.0/16: office"))
                                .names(),
                        address -> address.equals(address("8.8.4.4")) ? foundName : Result.NO_NAME,
                        Duration.ofHours(24),
                        traverseUpHierarchy));
    }

    private static ConnectionEnd end(@Nullable String pod, String local, int localPort, String remote, int remotePort) {
        return new ConnectionEnd(
                new SocketProcess("node-a", "curl", pod, 0, null),
                Protocol.TCP,
                new Endpoint(address(local), localPort),
                new Endpoint(address(remote), remotePort));
    }

    /** Names a connection; null if the connection waits. */
    private @Nullable Naming name(@Nullable ConnectionEnd client, @Nullable ConnectionEnd server) {
        return unlessItWaits(resolver.name(new ConnectionEnds(client, server), false, PERIOD));
    }

    private static @Nullable Naming unlessItWaits(Naming naming) {
        return naming.expectation().waits() ? null : naming;
    }

    /** The link of a connection after the wait is over. */
    private LinkKey decided(@Nullable ConnectionEnd client, @Nullable ConnectionEnd server) {
        return resolver.name(new ConnectionEnds(client, server), false, PERIOD).link();
    }

    private Naming named(@Nullable ConnectionEnd client, @Nullable ConnectionEnd server) {
        return Objects.requireNonNull(name(client, server));
    }

    @Test
    void podIsNamedAfterItsTopController() {
        // Given
        identities.addPod("uid-1", podOf("web"));
        identities.addPod("uid-2", podOf("cart"));

        // When
        LinkKey link = named(
                        end("uid-1", "10.1.0.1", 40_000, "10.1.0.2", 80),
                        end("uid-2", "10.1.0.2", 80, "10.1.0.1", 40_000))
                .link();

        // Then
        assertThat(link)
                .isEqualTo(new LinkKey(
                        new Workload("web", "shop", "Deployment", "zone-1", "region-1", ""),
                        new Workload("cart", "shop", "Deployment", "zone-1", "region-1", ""),
                        80,
                        Protocol.TCP,
                        ""));
    }

    @Test
    void podIsNamedAfterItselfWithoutTraversal() {
        // Given
        identities.addPod("uid-1", podOf("web"));
        identities.addNode(nodeOf("node-a"));

        // When
        LinkKey link = resolver(false)
                .name(
                        new ConnectionEnds(
                                end("uid-1", "10.1.0.1", 40_000, "10.1.0.2", 80),
                                end(null, "127.0.0.1", 80, "10.1.0.1", 40_000)),
                        false,
                        PERIOD)
                .link();

        // Then
        assertThat(link.getClient()).isEqualTo(new Workload("web-abc", "shop", "Pod", "zone-1", "region-1", ""));
        assertThat(link.getServer().getKind()).isEqualTo("node");
    }

    @Test
    void podTakesPrecedenceOverTheOwnerOfItsAddress() {
        // Given a pod with hostNetwork, whose address is the address of its node
        identities.addPod("uid-1", podOf("web"));
        identities.addOwner("192.168.0.1", nodeOf("node-a"), START, null);

        // When
        LinkKey link = decided(end("uid-1", "192.168.0.1", 40_000, "8.8.8.8", 53), null);

        // Then
        assertThat(link.getClient().getName()).isEqualTo("web");
    }

    @Test
    void processOfAClusterNodeIsNamedAfterTheNode() {
        identities.addOwner("192.168.0.1", nodeOf("node-a"), START, null);

        LinkKey link = decided(end(null, "192.168.0.1", 40_000, "8.8.8.8", 53), null);

        assertThat(link.getClient()).isEqualTo(new Workload("node-a", "node", "node", "zone-1", "", ""));
    }

    @Test
    void hostNetworkPodIsNamedAfterItselfAsServerToo() {
        // Given a server pod with the address of its node, and a client pod
        identities.addPod("uid-1", podOf("agent"));
        identities.addPod("uid-2", podOf("cart"));
        identities.addOwner("192.168.0.1", nodeOf("node-a"), START, null);

        // When both ends are reported
        LinkKey link = named(
                        end("uid-2", "10.1.0.2", 40_000, "192.168.0.1", 9100),
                        end("uid-1", "192.168.0.1", 9100, "10.1.0.2", 40_000))
                .link();

        // Then
        assertThat(link.getServer().getName()).isEqualTo("agent");
        assertThat(link.getClient().getName()).isEqualTo("cart");
        assertThat(link.getVia()).isEmpty();
    }

    @Test
    void podTakesPrecedenceOverAFormerOwnerOfItsAddress() {
        // Given
        identities.addPod("uid-new", podOf("new"));
        identities.addOwner("10.1.0.9", podOf("old"), START.minusSeconds(100), null);

        // When
        LinkKey link = decided(end("uid-new", "10.1.0.9", 40_000, "8.8.8.8", 53), null);

        // Then
        assertThat(link.getClient().getName()).isEqualTo("new");
    }

    @Test
    void processAtAnAddressUnknownToTheClusterIsNamedAfterTheNode() {
        // Given a process at the address of a bridge, and two processes at a loopback address
        identities.addNode(nodeOf("node-a"));
        Workload expected = new Workload("node-a", "node", "node", "zone-1", "", "");

        // When
        LinkKey bridge = decided(end(null, "10.244.1.1", 40_000, "8.8.8.8", 53), null);
        LinkKey loopback = named(
                        end(null, "127.0.0.1", 40_000, "127.0.0.1", 80),
                        end(null, "127.0.0.1", 80, "127.0.0.1", 40_000))
                .link();

        // Then
        assertThat(bridge.getClient()).isEqualTo(expected);
        assertThat(loopback.getClient()).isEqualTo(expected);
        assertThat(loopback.getServer()).isEqualTo(expected);
    }

    @Test
    void processAtAServiceAddressOfItsNodeIsNamedAfterTheNode() {
        // Given a node where IPVS has assigned the address of a Service to the node itself
        identities.addNode(nodeOf("node-a"));
        identities.addOwner("10.96.0.1", service("cart"), START.minusSeconds(1), null);

        // When
        LinkKey link = decided(end(null, "10.96.0.1", 40_000, "8.8.8.8", 53), null);

        // Then
        assertThat(link.getClient().getName()).isEqualTo("node-a");
    }

    @Test
    void ownersOfAddressesAreAwaitedUntilTheIdentitiesAreComplete() {
        // Given addresses whose owners are known, but not up to the opening of the connection
        identities.completeAsOf(START);
        identities.addNode(nodeOf("node-a"));
        identities.addOwner("10.1.0.1", podOf("before"), START.minusSeconds(100), null);
        ConnectionEnd client = end(null, "10.1.0.1", 40_000, "10.1.0.2", 80);
        ConnectionEnd server = end(null, "10.1.0.2", 80, "10.1.0.1", 40_000);
        assertThat(name(client, server)).isNull();
        assertThat(decided(client, server).getClient()).isEqualTo(UNKNOWN);
        assertThat(decided(client, server).getServer()).isEqualTo(UNKNOWN);

        // When
        identities.addOwner("10.1.0.2", podOf("cart"), START, null);
        identities.completeAsOf(START.plusSeconds(2));

        // Then
        assertThat(named(client, server).link().getClient().getName()).isEqualTo("before");
        assertThat(named(client, server).link().getServer().getName()).isEqualTo("cart");
    }

    @Test
    void podAddressThatMayHaveANewOwnerIsAwaited() {
        // Given
        identities.completeAsOf(START.plusSeconds(1));
        identities.addNode(nodeOf("node-a"));
        identities.addOwner("10.1.0.2", podOf("cart"), START.minusSeconds(1), null);
        ConnectionEnd client = end(null, "127.0.0.2", 40_000, "10.1.0.2", 80);

        // When
        Naming both = name(client, end(null, "10.1.0.2", 80, "10.1.0.1", 40_000));
        Naming failed = resolver.name(new ConnectionEnds(client, null), true, PERIOD);

        // Then
        assertThat(both).isNull();
        assertThat(failed.expectation()).isEqualTo(new Expectation(true, true, true));
        assertThat(failed.link().getServer()).isEqualTo(UNKNOWN);
        assertThat(failed.unresolved()).containsExactly(UnresolvedReason.INCOMPLETE_IDENTITIES);
    }

    @Test
    void endsThatKnowTheirPodsWaitForNothing() {
        // Given a Service that is known, but identities that are not complete
        identities.completeAsOf(START.minusSeconds(60));
        identities.addPod("uid-1", podOf("web"));
        identities.addPod("uid-2", podOf("cart"));
        identities.addOwner("10.96.0.1", service("cart"), START.minusSeconds(100), null);

        // When
        Naming direct = named(
                end("uid-1", "10.1.0.1", 40_000, "10.1.0.2", 80), end("uid-2", "10.1.0.2", 80, "10.1.0.1", 40_000));
        Naming throughService = named(
                end("uid-1", "10.1.0.1", 40_000, "10.96.0.1", 80), end("uid-2", "10.1.0.2", 80, "10.1.0.1", 40_000));

        // Then
        assertThat(direct.expectation()).isEqualTo(new Expectation(false, false, true));
        assertThat(direct.sources()).isEqualTo(new NameSources(NameSource.POD, NameSource.POD));
        assertThat(throughService.link().getVia()).isEqualTo("shop/cart:80");
        assertThat(throughService.expectation())
                .as("another Service may have got the address")
                .isEqualTo(new Expectation(false, true, true));
    }

    @Test
    void processWhoseNodeIsNotKnownYetIsUnknown() {
        // Given
        identities.completeAsOf(START);
        ConnectionEnd client = end(null, "127.0.0.1", 40_000, "127.0.0.1", 80);
        ConnectionEnd server = end(null, "127.0.0.1", 80, "127.0.0.1", 40_000);

        // Then
        assertThat(name(client, server)).isNull();
        assertThat(decided(client, server).getClient()).isEqualTo(UNKNOWN);
        identities.addNode(nodeOf("node-a"));
        assertThat(named(client, server).link().getServer().getName()).isEqualTo("node-a");
    }

    @Test
    void publicAddressIsNamedAtOnceAndCanImprove() {
        // Given
        identities.completeAsOf(START);
        identities.addPod("uid-1", podOf("web"));
        ConnectionEnd client = end("uid-1", "10.1.0.1", 40_000, "8.8.8.8", 443);

        // Then
        assertThat(named(client, null).link().getServer().getName()).isEqualTo("8.8.8.8");
        assertThat(named(client, null).expectation().canImprove()).isTrue();
        identities.completeAsOf(START.plusSeconds(2));
        assertThat(named(client, null).expectation().canImprove()).isFalse();
    }

    @Test
    void withoutAnEnricherNothingWaitsForIdentities() {
        // Given
        var alone = new WorkloadResolver(
                Clusters.NONE,
                askedNames,
                new NamingRules(
                        false,
                        new InternalAddresses(List.of()),
                        ExternalNames.NONE,
                        NameLookup.NONE,
                        Duration.ofHours(1),
                        true));

        // When
        Naming naming = alone.name(
                new ConnectionEnds(
                        end("uid-1", "10.1.0.1", 40_000, "10.1.0.2", 80),
                        end(null, "10.1.0.2", 80, "10.1.0.1", 40_000)),
                false,
                PERIOD);

        // Then
        assertThat(naming.expectation()).isEqualTo(new Expectation(false, false, true));
        assertThat(naming.link().getClient()).isEqualTo(new Workload("curl", "node-a", "process", "", "", ""));
        assertThat(naming.link().getServer()).isEqualTo(new Workload("curl", "node-a", "process", "", "", ""));
    }

    @Test
    void unreportedLoopbackEndOfAPodIsInThePod() {
        identities.addPod("uid-1", podOf("web"));

        LinkKey link = decided(null, end("uid-1", "127.0.0.1", 80, "127.0.0.1", 40_000));

        assertThat(link.getClient().getName()).isEqualTo("web");
    }

    @Test
    void onAHostOutsideClustersTheProcessIsTheWorkload() {
        LinkKey link = named(
                        end(null, "127.0.0.1", 40_000, "127.0.0.1", 80),
                        end(null, "127.0.0.1", 80, "127.0.0.1", 40_000))
                .link();

        assertThat(link.getClient()).isEqualTo(new Workload("curl", "node-a", "process", "", "", ""));
        assertThat(link.getServer()).isEqualTo(new Workload("curl", "node-a", "process", "", "", ""));
    }

    private static ConnectionEnd end(@Nullable String pod, OwnerName name) {
        return new ConnectionEnd(
                new SocketProcess("", "node-a", "curl", pod, 7, null, name),
                Protocol.TCP,
                new Endpoint(address("10.0.0.1"), 40_000),
                new Endpoint(address("8.8.8.8"), 80));
    }

    @ParameterizedTest
    @CsvSource({
        "UNIT, postgresql, postgresql, unit",
        "CONTAINER, shop-web-1, shop-web-1, container",
        "TASK, web, web, task",
        "PROCESS, Billing, Billing, process",
        "PROCESS, '', curl, process",
        "UNRESOLVED, '', curl, process",
        "NONE, '', curl, process"
    })
    void onAHostOutsideClustersTheCollectorsNameIsUsed(NameKind reported, String name, String expected, String kind) {
        LinkKey link = decided(end(null, new OwnerName(name, reported)), null);

        assertThat(link.getClient()).isEqualTo(new Workload(expected, "node-a", kind, "", "", ""));
    }

    @Test
    void onANodeOfAClusterTheCollectorsNameIsNotUsed() {
        // Given
        identities.addNode(nodeOf("node-a"));
        identities.addOwner("10.0.0.1", nodeOf("node-a"), START.minusSeconds(100), null);

        // When
        LinkKey unit = decided(end(null, new OwnerName("kubelet", NameKind.UNIT)), null);
        LinkKey unresolved = decided(end(null, new OwnerName("", NameKind.UNRESOLVED)), null);
        LinkKey unknownPod = decided(end("uid-7", OwnerName.NONE), null);

        // Then a process that was not found is not taken for a process of the node, because it can be in a pod
        assertThat(unit.getClient().getKind()).isEqualTo("node");
        assertThat(unresolved.getClient().getKind()).isEqualTo("unknown");
        assertThat(unknownPod.getClient()).isEqualTo(new Workload("curl", "node-a", "process", "", "", ""));
    }

    @Test
    void addressIsLookedUpAtTheTimeOfTheConnection() {
        // Given an address with three owners, one after the other
        identities.addOwner("10.1.0.9", podOf("before"), START.minusSeconds(100), START.minusSeconds(10));
        identities.addOwner("10.1.0.9", podOf("then"), START.minusSeconds(10), START.plusSeconds(5));
        identities.addOwner("10.1.0.9", podOf("after"), START.plusSeconds(5), null);

        // When
        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.1.0.9", 80), null);

        // Then
        assertThat(link.getServer().getName()).isEqualTo("then");
    }

    @Test
    void ownerThatFollowsShortlyAfterTheOpeningCounts() {
        identities.addOwner("10.1.0.9", podOf("late"), START.plusSeconds(2), null);

        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.1.0.9", 80), null);

        assertThat(link.getServer().getName()).isEqualTo("late");
    }

    @Test
    void ownerBeforeTheRetainedHistoryIsUnknown() {
        var span = new Ownership(podOf("next"), START.plusSeconds(1), null);

        assertThat(OwnerHistory.ownerDuring(new AddressOwners(List.of(span), null), PERIOD))
                .isNotNull();
        assertThat(OwnerHistory.ownerDuring(new AddressOwners(List.of(span), START.plusSeconds(1)), PERIOD))
                .isNull();
        assertThat(OwnerHistory.ownerDuring(new AddressOwners(List.of(span), START), PERIOD))
                .isNotNull();
    }

    @Test
    void ownerThatFollowsLongAfterTheOpeningDoesNotCount() {
        // Given an address whose only known owner got it 3 s after the connection was opened
        identities.addOwner("10.1.0.9", podOf("later"), START.plusSeconds(3), null);

        // When
        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.1.0.9", 80), null);

        // Then
        assertThat(link.getServer().getName()).isEqualTo("10.1.0.9");
    }

    @Test
    void publicAddressWithoutOwnerIsExternalAtOnce() {
        Naming naming = named(end(null, "10.1.0.1", 40_000, "2001:db8::1", 443), null);

        assertThat(naming.link().getServer())
                .isEqualTo(new Workload("2001:db8::1", "external", "external", "", "", ""));
        assertThat(naming.link().getServerPort()).isEqualTo(443);
        assertThat(naming.expectation().otherEndReports()).isFalse();
    }

    @Test
    void configuredRangeNamesAnAddressWithoutOwner() {
        // Given
        identities.addOwner("10.9.0.1", podOf("web"), START, null);

        // When
        LinkKey outside =
                named(end(null, "10.1.0.1", 40_000, "198.51.100.7", 443), null).link();
        Naming inside =
                resolver.name(new ConnectionEnds(null, end(null, "10.1.0.1", 80, "10.9.0.2", 40_000)), false, PERIOD);

        // Then
        assertThat(outside.getServer()).isEqualTo(new Workload("cloud", "external", "external", "", "", ""));
        assertThat(inside.link().getClient()).isEqualTo(new Workload("office", "external", "external", "", "", ""));
        assertThat(inside.unresolved()).isEmpty();
        assertThat(decided(end(null, "10.1.0.1", 40_000, "10.9.0.1", 80), null)
                        .getServer()
                        .getName())
                .isEqualTo("web");
    }

    @Test
    void reverseLookUpIsAwaitedUntilTheBound() {
        // Given
        ConnectionEnd client = end(null, "10.1.0.1", 40_000, "8.8.4.4", 53);
        foundName = Result.PENDING;

        // When
        Naming before = name(client, null);
        LinkKey atTheBound = decided(client, null);
        foundName = new Result("dns.example.org", false);
        LinkKey after = named(client, null).link();

        // Then
        assertThat(before).isNull();
        assertThat(atTheBound.getServer().getName()).isEqualTo("8.8.4.4");
        assertThat(after.getServer()).isEqualTo(new Workload("dns.example.org", "external", "external", "", "", ""));
    }

    @Test
    void observedDnsNameRanksBetweenConfiguredNameAndReverseLookUp() {
        // Given
        foundName = new Result("reverse.example.org", false);
        asked.put(address("198.51.100.7"), "forged.example.org");
        asked.put(address("8.8.4.4"), "dns.example.org");

        // Then
        assertThat(externalName("198.51.100.7")).isEqualTo("cloud");
        assertThat(externalName("8.8.4.4")).isEqualTo("dns.example.org");
        asked.remove(address("8.8.4.4"));
        assertThat(externalName("8.8.4.4")).isEqualTo("reverse.example.org");
    }

    @Test
    void observedDnsNameNeverNamesInternalAddresses() {
        // Given forged DNS answers with the addresses of a pod, a Service, a node, a deleted pod, the client's own pod,
        // and a host in a range of --internal-cidr
        identities.addPod("uid-1", podOf("web"));
        identities.addOwner("10.1.0.2", podOf("cart"), START.minusSeconds(1), null);
        identities.addOwner("10.96.0.1", service("api"), START.minusSeconds(1), null);
        identities.addOwner("192.168.0.1", nodeOf("node-b"), START.minusSeconds(1), null);
        identities.addOwner("10.1.0.8", podOf("gone"), START.minusSeconds(100), START.minusSeconds(10));
        for (String address :
                List.of("10.1.0.1", "10.1.0.2", "10.96.0.1", "192.168.0.1", "10.1.0.8", "203.0.113.7", "127.0.0.1")) {
            asked.put(address(address), "forged.example.org");
        }

        // Then
        assertThat(externalName("10.1.0.2")).isEqualTo("cart");
        assertThat(externalName("10.96.0.1")).isEqualTo("api");
        assertThat(externalName("192.168.0.1")).isEqualTo("node-b");
        assertThat(externalName("10.1.0.8")).isEqualTo("10.1.0.8");
        assertThat(externalName("203.0.113.7")).isEqualTo("203.0.113.7");
        assertThat(externalName("127.0.0.1")).isEqualTo("web");
        assertThat(decided(end("uid-1", "10.1.0.1", 40_000, "8.8.8.8", 53), null)
                        .getClient()
                        .getName())
                .isEqualTo("web");
    }

    private String externalName(String server) {
        return decided(end("uid-1", "10.1.0.1", 40_000, server, 80), null)
                .getServer()
                .getName();
    }

    @Test
    void observedDnsNameIsAwaitedIfAnyNamesAreObserved() {
        // Given
        ConnectionEnd client = end(null, "10.1.0.1", 40_000, "8.8.8.8", 443);
        ConnectionEnd called = end(null, "10.1.0.1", 80, "8.8.8.8", 40_000);
        assertThat(name(client, null)).as("no collector observes the DNS").isNotNull();

        // When
        asked.put(address("8.8.4.4"), "other.example.org");

        // Then
        assertThat(name(client, null)).isNull();
        assertThat(decided(client, null).getServer().getName()).isEqualTo("8.8.8.8");
        assertThat(name(null, called))
                .as("a server has not looked up the name of its client")
                .isNotNull();
        asked.put(address("8.8.8.8"), "dns.example.org");
        assertThat(named(client, null).link().getServer().getName()).isEqualTo("dns.example.org");
        assertThat(named(null, called).link().getClient().getName()).isEqualTo("dns.example.org");
    }

    @Test
    void missingNamesAreReported() {
        // Given
        identities.addOwner("10.1.0.8", podOf("before"), START.minusSeconds(100), START.minusSeconds(10));

        // Then
        assertThat(unresolved(end(null, "10.1.0.1", 40_000, "8.8.8.8", 53))).isEmpty();
        assertThat(unresolved(end("uid-new", "10.1.0.1", 40_000, "10.1.0.8", 53)))
                .containsExactly(UnresolvedReason.UNKNOWN_POD, UnresolvedReason.NOT_OWNED_THEN);
        assertThat(unresolved(end(null, "10.1.0.1", 40_000, "10.1.0.9", 53)))
                .containsExactly(UnresolvedReason.UNKNOWN_ADDRESS);
    }

    private List<UnresolvedReason> unresolved(ConnectionEnd client) {
        return resolver.name(new ConnectionEnds(client, null), false, PERIOD).unresolved();
    }

    @Test
    void otherHalfAtAnInternalAddressIsAwaited() {
        assertThat(name(end(null, "10.1.0.1", 40_000, "10.1.0.9", 80), null)).isNull();
        assertThat(name(end(null, "10.1.0.1", 40_000, "100.127.0.1", 80), null)).isNull();
        assertThat(name(end(null, "10.1.0.1", 40_000, "fd00::1", 80), null)).isNull();
        assertThat(name(end(null, "10.1.0.1", 40_000, "203.0.113.7", 80), null)).isNull();
        assertThat(name(end(null, "10.1.0.1", 40_000, "203.0.113.200", 80), null))
                .isNotNull();
    }

    @Test
    void knownPublicAddressIsInternal() {
        identities.addOwner("198.51.100.1", nodeOf("node-b"), START, null);

        assertThat(name(end(null, "10.1.0.1", 40_000, "198.51.100.1", 80), null))
                .isNull();
    }

    @Test
    void unknownPodIsAwaited() {
        assertThat(name(end("uid-new", "10.1.0.1", 40_000, "8.8.8.8", 53), null))
                .isNull();
        identities.addPod("uid-new", podOf("web"));
        assertThat(name(end("uid-new", "10.1.0.1", 40_000, "8.8.8.8", 53), null))
                .isNotNull();
    }

    @Test
    void failedConnectionAwaitsAnIdentityButNoOtherHalf() {
        // Given
        ConnectionEnd client = end(null, "10.1.0.1", 40_000, "10.96.0.1", 80);

        identities.completeAsOf(START);
        identities.addOwner("10.1.0.1", nodeOf("node-a"), START.minusSeconds(1), null);

        // When
        Naming before = resolver.name(new ConnectionEnds(client, null), true, PERIOD);
        identities.addOwner("10.96.0.1", service("cart"), START.minusSeconds(1), null);
        identities.completeAsOf(START.plusSeconds(2));
        Naming after = resolver.name(new ConnectionEnds(client, null), true, PERIOD);

        // Then
        assertThat(before.expectation().waits()).isTrue();
        assertThat(before.link().getServer()).isEqualTo(UNKNOWN);
        assertThat(after.expectation().waits()).isFalse();
        assertThat(after.link().getServer()).isEqualTo(new Workload("cart", "shop", "Service", "", "", ""));
    }

    @Test
    void dialledServiceIsVia() {
        identities.addOwner("10.96.0.1", service("cart"), START.minusSeconds(1), null);

        LinkKey link = named(
                        end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), end(null, "10.1.0.2", 8080, "10.1.0.1", 40_000))
                .link();

        assertThat(link.getVia()).isEqualTo("shop/cart:80");
        assertThat(link.getServerPort()).isEqualTo(8080);
    }

    @Test
    void unreportedServerIsTheOnlyWorkloadBehindTheServiceAtThatTime() {
        // Given a Service whose pods belonged to other workloads before and after the connection
        Identity then = service("cart-service", "cart");
        identities.addOwner(
                "10.96.0.1", service("cart-service", "before"), START.minusSeconds(100), START.minusSeconds(10));
        identities.addOwner("10.96.0.1", then, START.minusSeconds(10), START.plusSeconds(5));
        identities.addOwner("10.96.0.1", service("cart-service", "after"), START.plusSeconds(5), null);

        // When
        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), null);

        // Then
        assertThat(link.getServer()).isEqualTo(new Workload("cart", "shop", "Deployment", "", "", ""));
        assertThat(link.getVia()).isEqualTo("shop/cart-service:80");
        assertThat(link.getServerPort()).isEqualTo(80);
    }

    @Test
    void unreportedServerHasTheCommonZoneOfTheServicesPods() {
        Identity unplaced = service("cart-service", "cart");
        var cart = new Identity(
                unplaced.getKind(),
                unplaced.getNamespace(),
                unplaced.getName(),
                unplaced.getUid(),
                null,
                unplaced.getWorkload(),
                "",
                "zone-2",
                "region-1",
                false,
                unplaced.getBackend(),
                unplaced.getLabels(),
                unplaced.getPorts(),
                unplaced.getTargetPorts());
        identities.addOwner("10.96.0.1", cart, START.minusSeconds(10), null);

        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), null);

        assertThat(link.getServer()).isEqualTo(new Workload("cart", "shop", "Deployment", "zone-2", "region-1", ""));
    }

    private static Identity withPorts(Identity of, Map<String, String> ports, Map<String, String> targetPorts) {
        return Identity.newBuilder()
                .setKind(of.getKind())
                .setNamespace(of.getNamespace())
                .setName(of.getName())
                .setWorkload(of.getWorkload())
                .setBackend(of.getBackend())
                .setPorts(ports)
                .setTargetPorts(targetPorts)
                .build();
    }

    private static Identity withTargetPorts(Map<String, String> targetPorts) {
        Map<String, String> ports = Map.of("tcp/80", "http", "tcp/8080", "", "tcp/443", "https");
        return withPorts(service("cart-service", "cart"), ports, targetPorts);
    }

    @ParameterizedTest
    @CsvSource({"80, 8080", "8080, 8080", "443, 443", "30080, 8080", "7, 7"})
    void portOfAnUnreportedServerIsThatOfThePodsBehindTheService(int dialled, int expected) {
        // Given
        Identity cart = withTargetPorts(Map.of("tcp/80", "8080", "tcp/30080", "8080", "tcp/443", "https"));
        identities.addOwner("10.96.0.1", cart, START.minusSeconds(10), null);

        // When
        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.96.0.1", dialled), null);

        // Then a port that has only a name stays the one that the client dialled
        assertThat(link.getServerPort()).isEqualTo(expected);
        assertThat(link.getVia()).isEqualTo("shop/cart-service:" + dialled);
    }

    @ParameterizedTest
    @CsvSource({"80, 8080", "443, 8443", "7, 15006"})
    void portOfAServerThatASidecarAcceptsForIsThatOfTheApplication(int dialled, int expected) {
        // Given
        Identity cart = withTargetPorts(Map.of("tcp/80", "8080", "tcp/443", "https"));
        identities.addOwner("10.96.0.1", cart, START.minusSeconds(10), null);
        Map<String, String> ports = Map.of("tcp/8080", "http", "udp/8444", "https", "tcp/8443", "https");
        Identity pod = withPorts(podOf("cart"), ports, Map.of());
        identities.addPod("uid-2", pod);

        // When
        LinkKey link = decided(
                end(null, "10.1.0.1", 40_000, "10.96.0.1", dialled),
                end("uid-2", "10.1.0.2", 15_006, "10.1.0.1", 40_000));

        // Then
        assertThat(link.getServerPort()).isEqualTo(expected);
    }

    @Test
    void portOfAServerOutsidePodsIsThatOfItsSocket() {
        identities.addOwner("10.96.0.1", withTargetPorts(Map.of("tcp/80", "8080")), START.minusSeconds(10), null);

        LinkKey link = decided(
                end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), end(null, "10.1.0.2", 9090, "10.1.0.1", 40_000));

        assertThat(link.getServerPort()).isEqualTo(9090);
    }

    @Test
    void unreportedServerIsTheServiceIfSeveralWorkloadsAreBehindIt() {
        identities.addOwner("10.96.0.1", service("cart-service", null), START.minusSeconds(10), null);

        LinkKey link = decided(end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), null);

        assertThat(link.getServer()).isEqualTo(new Workload("cart-service", "shop", "Service", "", "", ""));
        assertThat(link.getVia()).isEmpty();
    }

    @Test
    void unreportedServerIsTheServiceWithoutTraversal() {
        identities.addOwner("10.96.0.1", service("cart-service", "cart"), START.minusSeconds(10), null);

        LinkKey link = resolver(false)
                .name(new ConnectionEnds(end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), null), false, PERIOD)
                .link();

        assertThat(link.getServer().getKind()).isEqualTo("Service");
        assertThat(link.getVia()).isEmpty();
    }

    @Test
    void reportedServerIsNamedAfterItselfWhateverTheServiceSays() {
        // Given
        identities.addOwner("10.96.0.1", service("cart-service", "cart"), START.minusSeconds(10), null);
        identities.addPod("uid-2", podOf("canary"));

        // When
        LinkKey link = decided(
                end(null, "10.1.0.1", 40_000, "10.96.0.1", 80), end("uid-2", "10.1.0.2", 8080, "10.1.0.1", 40_000));

        // Then
        assertThat(link.getServer().getName()).isEqualTo("canary");
        assertThat(link.getVia()).isEqualTo("shop/cart-service:80");
    }

    @Test
    void dialledNodePortIsVia() {
        // Given a node port that belonged to another Service before the connection
        identities.addOwner("192.168.0.1", nodeOf("node-b"), START.minusSeconds(100), null);
        identities.addNodePort(
                Protocol.TCP, 30_080, service("before"), START.minusSeconds(100), START.minusSeconds(10));
        identities.addNodePort(Protocol.TCP, 30_080, service("cart-service", "cart"), START.minusSeconds(10), null);
        ConnectionEnd client = end(null, "10.1.0.1", 40_000, "192.168.0.1", 30_080);

        // When
        LinkKey both = decided(client, end(null, "10.1.0.2", 8080, "192.168.0.1", 1024));
        LinkKey alone = decided(client, null);
        LinkKey otherPort = decided(end(null, "10.1.0.1", 40_000, "192.168.0.1", 22), null);

        // Then
        assertThat(both.getVia()).isEqualTo("shop/cart-service:30080");
        assertThat(alone.getServer()).isEqualTo(new Workload("cart", "shop", "Deployment", "", "", ""));
        assertThat(alone.getVia()).isEqualTo("shop/cart-service:30080");
        assertThat(otherPort.getServer().getName()).isEqualTo("node-b");
        assertThat(otherPort.getVia()).isEmpty();
    }

    @Test
    void nodePortOnALoopbackAddressIsItsService() {
        // Given a process and a pod with an address of its own, which both connect to 127.0.0.1:30080
        identities.addNode(nodeOf("node-a"));
        identities.addPod("uid-1", podOf("web"));
        identities.addPod("uid-2", podOf("cart"));
        identities.addNodePort(Protocol.TCP, 30_080, service("cart-service", "cart"), START.minusSeconds(10), null);
        ConnectionEnd process = end(null, "127.0.0.1", 40_000, "127.0.0.1", 30_080);
        ConnectionEnd pod = end("uid-1", "127.0.0.1", 40_000, "127.0.0.1", 30_080);

        // When
        LinkKey both = decided(process, end("uid-2", "10.1.0.2", 8080, "10.244.1.1", 1024));
        LinkKey alone = decided(process, null);
        LinkKey inPod = decided(pod, null);

        // Then
        assertThat(both.getClient().getName()).isEqualTo("node-a");
        assertThat(both.getServer().getName()).isEqualTo("cart");
        assertThat(both.getVia()).isEqualTo("shop/cart-service:30080");
        assertThat(alone.getServer().getName()).isEqualTo("cart");
        assertThat(alone.getVia()).isEqualTo("shop/cart-service:30080");
        assertThat(inPod.getServer().getName()).isEqualTo("web");
        identities.completeAsOf(START);
        assertThat(name(process, null)).isNull();
        assertThat(decided(process, null).getServer()).isEqualTo(UNKNOWN);
    }

    @Test
    void directControllerIsReportedWithoutTraversal() {
        // Given
        Identity pod = podOf("web", "web-1");
        identities.addPod("uid-1", pod);
        identities.addOwner("10.1.0.7", pod, START.minusSeconds(1), null);
        ConnectionEnd client = end("uid-1", "10.1.0.1", 40_000, "8.8.8.8", 80);
        ConnectionEnd called = end(null, "10.1.0.2", 80, "10.1.0.7", 40_000);

        // Then
        assertThat(clientOwner(false, client, null)).isEqualTo("web-1");
        assertThat(clientOwner(false, null, called)).isEqualTo("web-1");
        assertThat(clientOwner(true, client, null)).isEmpty();
        identities.addPod("uid-1", podOf("alone"));
        assertThat(clientOwner(false, client, null)).isEmpty();
    }

    private String clientOwner(boolean traverse, @Nullable ConnectionEnd client, @Nullable ConnectionEnd server) {
        return resolver(traverse)
                .name(new ConnectionEnds(client, server), false, PERIOD)
                .clientOwner();
    }

    @Test
    void natThatIsNoServiceIsNotVia() {
        LinkKey link = named(
                        end(null, "10.1.0.1", 40_000, "10.0.0.200", 80),
                        end(null, "10.1.0.2", 8080, "10.1.0.1", 40_000))
                .link();

        assertThat(link.getVia()).isEmpty();
    }

    @Test
    void unreportedLoopbackEndIsAProcessOfTheHost() {
        LinkKey link = decided(null, end(null, "127.0.0.1", 80, "127.0.0.1", 40_000));

        assertThat(link.getClient()).isEqualTo(new Workload("unknown", "node-a", "process", "", "", ""));
    }
}
