package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.LinkKey;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.TopologyConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPrefixesTest {
    private static final SeriesLimits DEFAULTS =
            TopologyConfig.fromOptions().links().series();

    private static final Workload WEB = new Workload("web", "shop", "Deployment", "zone-1", "region-1", "");

    private static LinkKey link(Workload client, Workload server) {
        return new LinkKey(client, server, 443, Protocol.TCP, "shop/cart");
    }

    private static Workload external(String name) {
        return new Workload(name, "external", "external", "", "", "");
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.77,          24, 64, 198.51.100.0/24",
        "198.51.100.77,          32, 64, 198.51.100.77/32",
        "198.51.100.77,          30, 64, 198.51.100.76/30",
        "198.51.100.77,          9,  64, 198.0.0.0/9",
        "198.51.100.77,          0,  64, 0.0.0.0/0",
        "2001:db8:1:2:3:4:5:6,   24, 64, 2001:db8:1:2::/64",
        "2001:db8:1:2:3:4:5:6,   24, 47, 2001:db8::/47",
        "2001:db8:1:2:3:4:5:6,   24, 128, 2001:db8:1:2:3:4:5:6/128",
        "2001:db8:1:2:3:4:5:6,   24, 0,  ::/0",
        "::1:2,                  24, 64, ::/64"
    })
    void addressIsReplacedByItsPrefix(String address, int ipv4, int ipv6, String prefix) {
        SeriesLimits limits = SeriesLimits.builder()
                .ipv4PrefixLength(ipv4)
                .ipv6PrefixLength(ipv6)
                .build();

        assertThat(AddressPrefixes.of(link(WEB, external(address)), limits)).isEqualTo(link(WEB, external(prefix)));
        assertThat(AddressPrefixes.of(link(external(address), WEB), limits)).isEqualTo(link(external(prefix), WEB));
    }

    @ParameterizedTest
    @CsvSource({
        "api.example.org",
        "office",
        "10.20.0.0/16",
        "198.51.100.0/24",
        "1.2.3",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3.4.5",
        "fe80::1%eth0",
        "a:b",
        "::ffff:1.2.3.4",
        "2001:DB8::1",
        "''"
    })
    void nameIsNotReplaced(String name) {
        assertThat(AddressPrefixes.of(link(WEB, external(name)), DEFAULTS)).isNull();
    }

    @Test
    void internalEndIsNotReplacedWhateverItsName() {
        var pod = new Workload("1.2.3.4", "shop", "Pod", "", "", "");

        assertThat(AddressPrefixes.of(link(WEB, pod), DEFAULTS)).isNull();
    }

    @Test
    void tenthOfTheLimitIsForPrefixesAndEachPartitionHasItsShare() {
        SeriesLimits partition = DEFAULTS.perPartition(6);

        assertThat(DEFAULTS.prefixes()).isEqualTo(1_000);
        assertThat(partition.limit()).isEqualTo(1_667);
        assertThat(partition.prefixes()).isEqualTo(166);
        assertThat(partition.links()).isEqualTo(1_501);
    }
}
