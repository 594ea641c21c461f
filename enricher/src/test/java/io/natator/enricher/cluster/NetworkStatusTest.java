package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkStatusTest {
    @Test
    void readsTheAddressesOfAllInterfacesButTheDefaultOne() {
        assertThat(NetworkStatus.addresses("""
                        [{"name": "cbr0", "ips": ["10.244.1.7"], "default": true, "dns": {}},
                         {"name": "lan", "interface": "net1", "ips": ["172.29.0.5", "fd00::5"], "mac": "02:00"},
                         {"name": "sriov", "interface": "net2"}, null, 7]""")).containsExactly("172.29.0.5", "fd00::5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "7", "[", "not json", "[{\"ips\": [\"10.0.0.1\"]}"})
    void refusesWhatIsNoList(String annotation) {
        assertThatThrownBy(() -> NetworkStatus.addresses(annotation)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAnAnnotationThatIsTooDeepOrTooLong() {
        assertThatThrownBy(() -> NetworkStatus.addresses("[".repeat(60_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NetworkStatus.addresses("[" + " ".repeat(70_000) + "]"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsALimitedNumberOfAddresses() {
        String many =
                IntStream.range(0, 100).mapToObj(i -> "\"10.9.0." + i + "\"").collect(Collectors.joining(","));

        assertThat(NetworkStatus.addresses("[{\"ips\":[" + many + "]}]")).hasSize(NetworkStatus.MAX_ADDRESSES);
    }
}
