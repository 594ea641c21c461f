package io.natator.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which requests are admitted without TLS. */
class AdmissionTest {
    private static final String TOKEN = "a-token-of-the-cluster";

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();

    private HttpService service(Optional<Path> tokens, List<String> hosts) throws IOException {
        return new HttpService(
                        new HttpSettings("127.0.0.1", 0, Optional.empty(), Optional.empty(), tokens, hosts), nanos::get)
                .open("/readyz", Answers.health(Optional::empty))
                .guarded("/api/links", exchange -> Answers.text(exchange, 200, "who talks to whom"))
                .start();
    }

    private Path tokens(String content) throws IOException {
        return Files.writeString(folder.resolve("tokens"), content);
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void withoutATokenOnlyHealthResponds() throws Exception {
        try (HttpService service = service(Optional.of(tokens(TOKEN + "\n")), List.of())) {
            HttpResponse<String> refused = TestClient.get(service, "/api/links");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).isEqualTo("not authenticated: present a token\n");
            assertThat(refused.headers().allValues("www-authenticate"))
                    .anyMatch(way -> way.startsWith("Bearer"))
                    .anyMatch(way -> way.startsWith("Basic"));
            assertThat(TestClient.get(service, "/no-such-path").statusCode())
                    .as("nobody learns which paths there are")
                    .isEqualTo(401);
            assertThat(TestClient.get(service, "/readyz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void admitsTheTokenAsBearerAndAsPassword() throws Exception {
        try (HttpService service = service(Optional.of(tokens("an-older-token-still-good\n" + TOKEN)), List.of())) {
            for (String authorization : List.of(
                    "Bearer " + TOKEN,
                    "bearer " + TOKEN,
                    "Bearer an-older-token-still-good",
                    basic("", TOKEN),
                    basic("anyone", TOKEN))) {
                assertThat(TestClient.get(service, "/api/links", "Authorization", authorization)
                                .statusCode())
                        .as(authorization)
                        .isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer",
                "Bearer ",
                "Bearer wrong-token-of-length",
                "Bearer a-token-of-the-cluste",
                "Bearer a-token-of-the-cluster2",
                "a-token-of-the-cluster",
                "Token a-token-of-the-cluster",
                "Basic !!!",
                "Basic YS10b2tlbi1vZi10aGUtY2x1c3Rlcg=="
            })
    void refusesAnyOtherAuthorization(String authorization) throws Exception {
        try (HttpService service = service(Optional.of(tokens(TOKEN)), List.of())) {
            assertThat(TestClient.get(service, "/api/links", "Authorization", authorization)
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void usesARotatedTokenButNotABrokenFile() throws Exception {
        Path file = tokens(TOKEN);
        try (HttpService service = service(Optional.of(file), List.of())) {
            // Given
            String rotated = "the-token-of-next-month";
            Files.writeString(file, rotated);
            // When
            nanos.addAndGet(Rotating.CHECK_INTERVAL.toNanos());
            // Then
            assertThat(status(service, rotated)).isEqualTo(200);
            assertThat(status(service, TOKEN)).isEqualTo(401);
            // When
            Files.writeString(file, "");
            nanos.addAndGet(Rotating.CHECK_INTERVAL.toNanos());
            // Then
            assertThat(status(service, rotated)).isEqualTo(200);
            assertThat(status(service, "")).isEqualTo(401);
        }
    }

    private static int status(HttpService service, String token) throws IOException, InterruptedException {
        return TestClient.get(service, "/api/links", "Authorization", "Bearer " + token)
                .statusCode();
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3:7117, 200",
        "[fd00::7]:7117, 200",
        "localhost:7117, 200",
        "natator-topology, 200",
        "natator-topology-0.natator-topology.natator.svc:7117, 200",
        "natator-topology.natator.svc.cluster.local, 200",
        "MAP.example.com, 200",
        "evil.example, 421",
        "localhost.evil.example:7117, 421",
        "map.example.com.evil.example, 421",
        "1.2.3.4.evil.example, 421",
        "svc.example, 421"
    })
    void admitsPublicHostNamesOnlyIfTheyAreAllowed(String host, int status) throws Exception {
        try (HttpService service = service(Optional.empty(), List.of("map.example.com"))) {
            assertThat(TestClient.get(service, "/api/links", "Host", host).statusCode())
                    .isEqualTo(status);
            assertThat(TestClient.get(service, "/readyz", "Host", host).statusCode())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "same-origin, cors, empty, 200",
        "none, navigate, document, 200",
        "cross-site, navigate, document, 200",
        "cross-site, navigate, iframe, 403",
        "cross-site, cors, empty, 403",
        "cross-site, no-cors, script, 403",
        "same-site, cors, empty, 403"
    })
    void refusesToBeEmbeddedInPagesOfOtherSites(String site, String mode, String destination, int status)
            throws Exception {
        try (HttpService service = service(Optional.empty(), List.of())) {
            assertThat(TestClient.get(
                                    service,
                                    "/api/links",
                                    "Sec-Fetch-Site",
                                    site,
                                    "Sec-Fetch-Mode",
                                    mode,
                                    "Sec-Fetch-Dest",
                                    destination)
                            .statusCode())
                    .isEqualTo(status);
        }
    }

    @Test
    void forbidsBrowsersToShareResponses() throws Exception {
        try (HttpService service = service(Optional.empty(), List.of())) {
            HttpResponse<String> answer = TestClient.get(service, "/api/links", "Origin", "https://evil.example");
            assertThat(answer.headers().map())
                    .doesNotContainKey("access-control-allow-origin")
                    .containsEntry("x-frame-options", List.of("DENY"))
                    .containsEntry("x-content-type-options", List.of("nosniff"))
                    .containsEntry("cross-origin-resource-policy", List.of("same-origin"))
                    .containsEntry("referrer-policy", List.of("no-referrer"))
                    .containsEntry("cache-control", List.of("no-store"));
            assertThat(answer.headers().firstValue("content-security-policy").orElseThrow())
                    .contains("default-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe-");
        }
    }
}
