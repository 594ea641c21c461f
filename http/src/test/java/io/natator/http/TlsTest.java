package io.natator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.http.pki.TestAuthority;
import io.natator.http.pki.TestAuthority.Issued;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final String TOKEN = "a-token-of-the-cluster";

    @TempDir
    static Path folder;

    private static TestAuthority authority;
    private static TestAuthority strangers;
    private static Issued server;
    private static Issued prometheus;
    private static Issued stranger;

    @TempDir
    Path mount;

    private final AtomicLong nanos = new AtomicLong();

    @BeforeAll
    static void issue() throws Exception {
        authority = TestAuthority.in(folder.resolve("authority"));
        strangers = TestAuthority.in(folder.resolve("strangers"));
        server = authority.issue("natator-topology", "ip:127.0.0.1", "dns:localhost");
        prometheus = authority.issue("prometheus");
        stranger = strangers.issue("prometheus", "ip:127.0.0.1");
    }

    private void mount(Issued issued) throws IOException {
        Files.copy(issued.certificate(), mount.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(issued.key(), mount.resolve("tls.key"), StandardCopyOption.REPLACE_EXISTING);
    }

    private HttpSettings settings(boolean certificates, boolean tokens) throws IOException {
        mount(server);
        Path ca = Files.copy(authority.certificate(), mount.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        Path tokenFile = Files.writeString(mount.resolve("tokens"), TOKEN);
        return new HttpSettings(
                "127.0.0.1",
                0,
                Optional.of(new HttpSettings.Tls(mount.resolve("tls.crt"), mount.resolve("tls.key"))),
                certificates ? Optional.of(ca) : Optional.empty(),
                tokens ? Optional.of(tokenFile) : Optional.empty(),
                List.of());
    }

    private HttpService service(HttpSettings settings) throws IOException {
        return new HttpService(settings, nanos::get)
                .open("/readyz", Answers.health(Optional::empty))
                .guarded("/metrics", exchange -> Answers.text(exchange, 200, "a_metric 1"))
                .start();
    }

    private static HttpResponse<String> get(
            HttpService service, Path trusted, @Nullable Issued own, String path, String... headers) throws Exception {
        return TestClient.get(TestClient.tls(trusted, own), "https", service, path, headers);
    }

    @Test
    void servesHttpsAndNoPlainHttp() throws Exception {
        try (HttpService service = service(settings(false, false))) {
            assertThat(get(service, authority.certificate(), null, "/metrics").body())
                    .isEqualTo("a_metric 1\n");
            assertThatThrownBy(() -> TestClient.get(service, "/metrics")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(service, strangers.certificate(), null, "/metrics"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void admitsOnlyCertificatesOfKnownAuthorities() throws Exception {
        try (HttpService service = service(settings(true, false))) {
            Path ca = authority.certificate();
            assertThat(get(service, ca, prometheus, "/metrics").statusCode()).isEqualTo(200);
            assertThat(get(service, ca, null, "/metrics").statusCode()).isEqualTo(401);
            assertThat(get(service, ca, null, "/readyz").statusCode())
                    .as("probes have no certificate")
                    .isEqualTo(200);
            assertThat(statusOrFailure(service, stranger)).isIn("401", "failed");
        }
    }

    private static String statusOrFailure(HttpService service, Issued own) throws Exception {
        try {
            return "" + get(service, authority.certificate(), own, "/metrics").statusCode();
        } catch (IOException refusedInTheHandshake) {
            return "failed";
        }
    }

    @Test
    void admitsATokenOrACertificateIfBothAreConfigured() throws Exception {
        try (HttpService service = service(settings(true, true))) {
            Path ca = authority.certificate();
            assertThat(get(service, ca, prometheus, "/metrics").statusCode()).isEqualTo(200);
            assertThat(get(service, ca, null, "/metrics", "Authorization", "Bearer " + TOKEN)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(get(service, ca, null, "/metrics").body())
                    .isEqualTo("not authenticated: present a token or a client certificate\n");
        }
    }

    @Test
    void servesARotatedCertificateOnceItsKeyHasArrived() throws Exception {
        try (HttpService service = service(settings(true, false))) {
            // Given
            Files.copy(stranger.certificate(), mount.resolve("tls.crt"), StandardCopyOption.REPLACE_EXISTING);
            nanos.addAndGet(Rotating.CHECK_INTERVAL.toNanos());
            // When the certificate has been replaced, but its key has not
            // Then
            assertThat(get(service, authority.certificate(), prometheus, "/metrics")
                            .statusCode())
                    .isEqualTo(200);
            // When
            mount(stranger);
            nanos.addAndGet(Rotating.CHECK_INTERVAL.toNanos());
            // Then
            assertThat(get(service, strangers.certificate(), prometheus, "/metrics")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesCertificatesOfARemovedAuthority() throws Exception {
        try (HttpService service = service(settings(true, false))) {
            // Given
            Path ca = authority.certificate();
            assertThat(get(service, ca, prometheus, "/metrics").statusCode()).isEqualTo(200);
            // When
            Files.copy(strangers.certificate(), mount.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
            nanos.addAndGet(Rotating.CHECK_INTERVAL.toNanos());
            // Then
            assertThat(statusOrFailure(service, prometheus)).isIn("401", "failed");
            assertThat(statusOrFailure(service, stranger)).isEqualTo("200");
        }
    }

    @Test
    void instancesWithTheSameFilesReachEachOther() throws Exception {
        for (HttpSettings settings :
                List.of(settings(false, false), settings(true, false), settings(false, true), settings(true, true))) {
            try (HttpService service = service(settings);
                    var peers = new PeerClient(settings, Duration.ofSeconds(10))) {
                URI uri = URI.create("https://127.0.0.1:" + service.port() + "/metrics");
                HttpResponse<String> answer =
                        peers.client().send(peers.request(uri).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as("%s", settings).isEqualTo(200);
            }
        }
    }

    /** Here, different authorities have signed the certificates of the clients and the certificate of the services. */
    @Test
    void instancesTrustEachOtherWhateverAuthoritySignedTheirCertificate() throws Exception {
        // Given
        HttpSettings settings = settings(true, false);
        Files.copy(strangers.certificate(), mount.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        try (HttpService service = service(settings);
                var peers = new PeerClient(settings, Duration.ofSeconds(10))) {
            // When
            URI uri = URI.create("https://127.0.0.1:" + service.port() + "/metrics");
            HttpResponse<String> answer =
                    peers.client().send(peers.request(uri).build(), HttpResponse.BodyHandlers.ofString());

            // Then
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(statusOrFailure(service, stranger)).isEqualTo("200");
            assertThat(statusOrFailure(service, prometheus))
                    .as("another one of the service's own authority")
                    .isIn("401", "failed");
        }
    }

    @Test
    void reportsUnusableFilesAndTheRemedy() throws Exception {
        // Given
        Path pkcs1 = Files.writeString(
                mount.resolve("pkcs1.key"),
                "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n");
        Path empty = Files.writeString(mount.resolve("empty"), "\n");
        Path shortToken = Files.writeString(mount.resolve("short"), "hunter2\n");
        Path missing = mount.resolve("missing");
        // Then
        assertThat(problems(new HttpSettings.Tls(server.certificate(), pkcs1), empty, empty))
                .containsExactly(
                        "--http-tls-key: cannot use " + pkcs1
                                + ": 'BEGIN RSA PRIVATE KEY' is not PKCS#8, or encrypted: convert it with"
                                + " 'openssl pkcs8 -topk8 -nocrypt', or set 'privateKey: {encoding: PKCS8}'"
                                + " in cert-manager",
                        "--http-client-ca: cannot use " + empty
                                + ": it has no certificate: it takes PEM, 'BEGIN CERTIFICATE'",
                        "--http-token-file: " + empty + " has no token: write one per line");
        assertThat(problems(new HttpSettings.Tls(server.certificate(), stranger.key()), missing, shortToken))
                .containsExactly(
                        "--http-tls-key: cannot use " + stranger.key() + ": it is not the key of "
                                + server.certificate() + ": give both of one pair",
                        "--http-client-ca: cannot use " + missing + ": java.nio.file.NoSuchFileException: " + missing
                                + ": give a readable PEM file",
                        "--http-token-file: a token in " + shortToken
                                + " is too short to be safe: use at least 16 characters");
        assertThat(new HttpSettings(
                                "127.0.0.1",
                                70_000,
                                Optional.empty(),
                                Optional.of(authority.certificate()),
                                Optional.empty(),
                                List.of())
                        .problems())
                .containsExactly(
                        "--http-port 70000 is no port: 0 (any free) to 65535",
                        "--http-client-ca needs TLS: give --http-tls-certificate and --http-tls-key too");
    }

    private static List<String> problems(HttpSettings.Tls tls, Path clientCa, Path tokens) {
        return new HttpSettings("127.0.0.1", 0, Optional.of(tls), Optional.of(clientCa), Optional.of(tokens), List.of())
                .problems();
    }
}
