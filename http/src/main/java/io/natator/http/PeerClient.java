package io.natator.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client for requests to other instances of the service, which have the same settings. With TLS, it trusts this
 * instance's certificate chain and the configured authorities, and a request's host has to be a name in the peer's
 * certificate. The client authenticates with the first token of the token file, or with this instance's certificate if
 * there is no token file. Changed files are used within a second.
 */
public final class PeerClient implements AutoCloseable {
    private final HttpClient client;
    private final @Nullable Rotating<Optional<String>> token;

    /**
     * Reads the files of the settings.
     *
     * @throws IOException if a file cannot be used; the message is one line for a person
     */
    public PeerClient(HttpSettings settings, Duration connectTimeout) throws IOException {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(connectTimeout);
        if (settings.tls().isPresent()) {
            builder.sslContext(tlsContext(settings));
        }
        client = builder.build();
        Optional<Path> file = settings.tokenFile();
        token = file.isPresent()
                ? new Rotating<>(List.of(file.get()), () -> Tokens.first(file.get()), System::nanoTime)
                : null;
    }

    private static SSLContext tlsContext(HttpSettings settings) throws IOException {
        HttpSettings.Tls tls = settings.tls().orElseThrow();
        return RotatingContext.of(new Rotating<>(
                TlsContexts.files(settings),
                () -> {
                    TlsContexts.Keys keys = TlsContexts.keys(tls);
                    List<X509Certificate> trusted = new ArrayList<>(keys.chain());
                    if (settings.clientCa().isPresent()) {
                        trusted.addAll(
                                TlsContexts.authorities(settings.clientCa().get()));
                    }
                    boolean sendsCertificate = settings.tokenFile().isEmpty();
                    return TlsContexts.context(
                            sendsCertificate ? new KeyManager[] {new OwnCertificate(keys)} : new KeyManager[0],
                            trusted);
                },
                System::nanoTime));
    }

    /** The client that sends requests built by {@link #request}. {@link #close} closes it. */
    public HttpClient client() {
        return client;
    }

    /** Builds a request that contains this instance's credentials, so it must be sent to peers only. */
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
