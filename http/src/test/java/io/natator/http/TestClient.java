package io.natator.http;

import io.natator.http.pki.TestAuthority.Issued;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** An HTTP client like that of a scraper or a person. It shares no TLS code with the code under test. */
final class TestClient {
    static {
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    private TestClient() {}

    static HttpResponse<String> get(HttpService service, String path, String... headers)
            throws IOException, InterruptedException {
        return get(HttpClient.newHttpClient(), "http", service, path, headers);
    }

    static HttpResponse<String> get(
            HttpClient client, String scheme, HttpService service, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + service.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (client) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** A client that trusts one authority, and sends the certificate {@code own} unless it is null. */
    static HttpClient tls(Path authority, @Nullable Issued own) throws IOException, GeneralSecurityException {
        KeyStore trusted = empty();
        trusted.setCertificateEntry(
                "authority", Pem.certificates("test", authority).getFirst());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyStore keys = empty();
        if (own != null) {
            var chain = Pem.certificates("test", own.certificate());
            keys.setKeyEntry(
                    "own",
                    Pem.key("test", own.key(), "EC"),
                    new char[0],
                    List.copyOf(chain).toArray(java.security.cert.Certificate[]::new));
        }
        KeyManagerFactory shown = KeyManagerFactory.getInstance("PKIX");
        shown.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
