package io.natator.collector.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.ConnectionFilter;
import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.collector.Sockets;
import io.natator.collector.filter.SocketFilter.Reason;
import io.natator.schemas.CidrBlock;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketFilterTest {
    @ParameterizedTest
    @CsvSource({
        "false, 10.0.0.1, 1000, 10.0.0.2, 80, ",
        "false, 127.0.0.1, 1000, 127.0.0.1, 80, LOOPBACK",
        "false, ::1, 1000, ::1, 80, LOOPBACK",
        "false, 127.0.0.1, 1000, 127.8.8.8, 80, LOOPBACK",
        "false, 127.0.0.1, 15001, 10.0.0.1, 1000, ",
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
    @CsvSource({
        "10.1.0.1, 8.8.8.8, ",
        "10.1.2.1, 8.8.8.8, ADDRESS",
        "10.2.0.1, 8.8.8.8, ADDRESS",
        "10.1.0.1, 10.2.0.1, ADDRESS",
    })
    void smallestRangeApplies(String local, String remote, @Nullable Reason reason) {
        // Given: an excluded range; in it an included range; in the included range a smaller excluded range
        var filter = new SocketFilter(
                true,
                List.of(CidrBlock.parse("10.1.0.0/16")),
                List.of(CidrBlock.parse("10.0.0.0/8"), CidrBlock.parse("10.1.2.0/24")),
                Set.of(),
                ConnectionFilter.everything());
        SocketRecord socket = Sockets.socket(
                SocketRecord.Event.LIVE,
                1,
                0,
                new Endpoint(InetAddress.ofLiteral(local), 1000),
                new Endpoint(InetAddress.ofLiteral(remote), 80));
        // When
        @Nullable Reason exclusion = filter.exclusion(socket).orElse(null);
        // Then
        assertThat(exclusion).isEqualTo(reason);
    }
}
