package io.natator.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client of instances that have the same settings. It trusts the configured authorities and authenticates with the first
 * token of the token file, or without a token file with this instance's certificate. Changed files are used within a second. With
 * TLS, requests have to use a name in the peer's certificate.
 */
public final class PeerClient implements AutoCloseable {
    private final HttpClient client;
    private final @Nullable Rotating<Optional<String>> token;

    /**
     * Reads the files of the settings.
     *
     * @throws IOException if they cannot be used, with one line for a person
     */
    public PeerClient(HttpSettings settings, Duration connectTimeout) throws IOException {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(connectTimeout);
        if (settings.tls().isPresent()) {
            builder.sslContext(ServerTls.ofPeer(settings, System::nanoTime));
        }
        client = builder.build();
        Optional<Path> file = settings.tokenFile();
        token = file.isPresent()
                ? new Rotating<>(List.of(file.get()), () -> Tokens.first(file.get()), System::nanoTime)
                : null;
    }

    /** Sends requests made by {@link #request}. */
    public HttpClient client() {
        return client;
    }

    /** A request with this instance's credentials. Send it to peers only. */
    public HttpRequest.Builder request(URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (token != null) {
            token.current().ifPresent(bearer -> request.header("Authorization", "Bearer " + bearer));
        }
        return request;
    }

    @Override
    public void close() {
        client.close();
    }
}
