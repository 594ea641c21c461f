package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class HostNameResolverTest {
    private static List<InetAddress> find(String hostName) throws UnknownHostException {
        return switch (hostName) {
            case "lb.example.org" ->
                List.of(InetAddress.ofLiteral("198.51.100.7"), InetAddress.ofLiteral("2001:db8:0::7"));
            case "localhost" -> List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
            default -> throw new UnknownHostException(hostName);
        };
    }

    @Test
    void reportsTheAddressesThatAnObjectCanOwnAndEveryFailure() {
        Map<String, Set<String>> found = new ConcurrentHashMap<>();

        // When
        try (var resolver = new HostNameResolver(HostNameResolverTest::find, found::put)) {
            resolver.start("lb.example.org");
            resolver.start("localhost");
            resolver.start("unknown.example.org");

            // Then
            await().untilAsserted(() -> assertThat(found)
                    .isEqualTo(Map.of(
                            "lb.example.org", Set.of("198.51.100.7", "2001:db8::7"),
                            "localhost", Set.of(),
                            "unknown.example.org", Set.of())));
        }
    }
}
