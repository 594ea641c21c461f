package io.natator.topology;

import static io.natator.topology.FakeIdentities.podOf;
import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.DnsName;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Ownership;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that names which workloads looked up in the DNS, read from the topic {@code dns-names}, become the names of
 * external ends of links.
 */
class DnsNamesTest {
    private final TopologyStatistics statistics = new TopologyStatistics();

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;
    private TestInputTopic<String, DnsName> dnsNames;
    private TestInputTopic<String, byte[]> rawDnsNames;
    private TestInputTopic<String, SpecificRecord> identities;
    private TestOutputTopic<LinkKey, LinkTotals> links;
    private long next = 1;

    @BeforeEach
    void start() throws IOException {
        Path names = Files.writeString(stateDirectory.resolve("names"), "198.51.100.0/24: cloud\n");
        TopologyConfig config = TopologyConfig.fromOptions(
                "--state-dir=" + stateDirectory, "--cidr-names=" + names, "--dns-name-age=1h", "--dns-name-limit=3");
        driver = TestDrivers.start(config, statistics, new CommittedStores(), START.plusSeconds(2));
        TestDrivers.completeIdentities(driver);
        connections = TestDrivers.connections(driver);
        dnsNames = driver.createInputTopic(
                "natator.dns-names",
                NatatorSerdes.dnsNameKey().serializer(),
                NatatorSerdes.dnsName().serializer());
        rawDnsNames = driver.createInputTopic(
                "natator.dns-names", NatatorSerdes.dnsNameKey().serializer(), new ByteArraySerializer());
        identities = TestDrivers.identities(driver);
        links = TestDrivers.links(driver);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private void answer(String address, String name, Instant at) {
        dnsNames.pipeInput("ip/" + address, new DnsName(name, at, 60, "node-a"));
    }

    private void connect(String server) {
        connections.pipeInput(
                next,
                client(next)
                        .setRemoteAddress(address(server))
                        .setRemotePort(443)
                        .setBytesAcked(10)
                        .build());
        next++;
    }

    /** The bytes sent to the server of each link, by the name of the server. */
    private Map<String, Long> servers() {
        for (int i = 0; i < 15; i++) {
            driver.advanceWallClockTime(Duration.ofSeconds(1));
        }
        Map<String, Long> servers = new TreeMap<>();
        links.readKeyValuesToMap()
                .forEach((key, totals) -> servers.put(key.getServer().getName(), totals.getBytesToServer()));
        return servers;
    }

    @Test
    void externalEndsAreNamedAfterTheObservedDnsName() {
        // Given
        answer("8.8.8.8", "dns.example.org", START.minusSeconds(5));
        answer("198.51.100.7", "forged.example.org", START.minusSeconds(5));
        answer("10.0.0.2", "forged.example.org", START.minusSeconds(5));
        identities.pipeInput(
                "ip/10.0.0.2",
                new AddressOwners(List.of(new Ownership(podOf("cart"), START.minusSeconds(60), null)), null));

        // When
        connect("8.8.8.8");
        connect("198.51.100.7");
        connect("10.0.0.2");
        connect("1.1.1.1");

        // Then
        assertThat(servers().keySet()).containsExactly("1.1.1.1", "cart", "cloud", "dns.example.org");
    }

    @Test
    void dnsAnswerAfterTheConnectionButWithinTheBoundNamesIt() {
        // Given a known DNS name of another address, because naming only waits for DNS names if any name is known
        answer("9.9.9.9", "other.example.org", START);

        // When
        connect("8.8.8.8");
        driver.advanceWallClockTime(Duration.ofSeconds(5));
        answer("8.8.8.8", "dns.example.org", START);

        // Then
        assertThat(servers().keySet()).containsExactly("dns.example.org");
    }

    @Test
    void answersThatAreTooOldOrNoHostNamesAreIgnored() {
        // Given
        answer("8.8.8.8", "old.example.org", START.minusSeconds(3_601));
        answer("8.8.4.4", "line\nbreak.example.org", START);
        answer("1.1.1.1", "kubernetes.default.svc.cluster.local", START);

        // When
        connect("8.8.8.8");
        connect("8.8.4.4");
        connect("1.1.1.1");

        // Then
        assertThat(servers().keySet()).containsExactly("1.1.1.1", "8.8.4.4", "8.8.8.8");
    }

    @Test
    void noMoreNamesAreStoredThanTheLimit() {
        // Given DNS names of four addresses, and a limit of three names
        for (int i = 1; i <= 4; i++) {
            answer("8.8.8." + i, "n" + i + ".example.org", START);
        }

        // When
        for (int i = 1; i <= 4; i++) {
            connect("8.8.8." + i);
        }

        // Then
        assertThat(servers().keySet()).containsExactly("8.8.8.1", "n2.example.org", "n3.example.org", "n4.example.org");
    }

    @Test
    void undecodableDnsNameIsCountedAndTheStreamContinues() {
        // Given
        rawDnsNames.pipeInput("ip/8.8.8.8", new byte[] {1, 2, 3});
        answer("8.8.4.4", "dns.example.org", START);
        dnsNames.pipeInput("ip/9.9.9.9", null);

        // When
        connect("8.8.8.8");
        connect("8.8.4.4");

        // Then
        assertThat(servers().keySet()).containsExactly("8.8.8.8", "dns.example.org");
        assertThat(statistics.undecodableDnsNames.value()).isEqualTo(1);
    }
}
