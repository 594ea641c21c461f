package io.natator.collector.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.collector.Sockets;
import io.natator.collector.filter.SocketFilter.Reason;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketFilterTest {
    @ParameterizedTest
    @CsvSource({
        "false, 10.0.0.1, 1000, 10.0.0.2, 80, ",
        "false, 127.0.0.1, 1000, 127.0.0.1, 80, LOOPBACK",
        "false, ::1, 1000, ::1, 80, LOOPBACK",
        "false, 10.0.0.1, 1000, 127.8.8.8, 80, LOOPBACK",
        "true, 127.0.0.1, 1000, 127.0.0.1, 80, ",
        "true, 10.0.0.1, 1000, 192.168.7.9, 80, ADDRESS",
        "true, 192.168.7.255, 1000, 10.0.0.1, 80, ADDRESS",
        "true, 10.0.0.1, 1000, 192.168.8.0, 80, ",
        "true, fd00::1, 1000, fd12::1, 80, ADDRESS",
        "true, fd00::1, 1000, fd20::1, 80, ",
        "true, 10.0.0.1, 22, 10.0.0.2, 4000, PORT",
        "true, 10.0.0.1, 4000, 10.0.0.2, 22, PORT",
    })
    void eitherEndDecides(
            boolean loopback, String local, int localPort, String remote, int remotePort, @Nullable Reason reason) {
        // Given
        var filter = new SocketFilter(
                loopback, List.of(CidrBlock.parse("192.168.7.3/24"), CidrBlock.parse("fd10::/12")), Set.of(22));
        SocketRecord socket = Sockets.socket(
                SocketRecord.Event.LIVE,
                1,
                0,
                new Endpoint(InetAddress.ofLiteral(local), localPort),
                new Endpoint(InetAddress.ofLiteral(remote), remotePort));
        // When
        @Nullable Reason exclusion = filter.exclusion(socket).orElse(null);
        // Then
        assertThat(exclusion).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0/0, 203.0.113.9", "10.1.2.3, 10.1.2.3", "::/0, 2001:db8::1", "10.0.0.0/31, 10.0.0.1"})
    void readsEveryPrefixLength(String block, String address) {
        assertThat(CidrBlock.parse(block).contains(InetAddress.ofLiteral(address)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "example.com/8", "10.0.0.0/", "10.0/8/9", "/8"})
    void refusesWhatIsNotARange(String text) {
        assertThatThrownBy(() -> CidrBlock.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8");
    }
}
