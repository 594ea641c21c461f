package io.natator.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Decides who is answered. Where both tokens and client certificates are known, either will do. */
final class Admission {
    /** Why a request is refused. */
    record Refusal(int status, String line) {}

    private final KnownHosts hosts;
    private final boolean certificates;
    private final @Nullable Rotating<Tokens> tokens;

    /** @throws IOException if the tokens cannot be read */
    Admission(HttpSettings settings, LongSupplier nanoTime) throws IOException {
        hosts = new KnownHosts(settings.allowedHosts());
        certificates = settings.clientCa().isPresent();
        tokens = settings.tokenFile().isPresent()
                ? new Rotating<>(
                        List.of(settings.tokenFile().get()),
                        () -> Tokens.of(settings.tokenFile().get()),
                        nanoTime)
                : null;
    }

    Optional<Refusal> refusal(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        String host = headers.getFirst("Host");
        if (!hosts.knows(host)) {
            return Optional.of(new Refusal(
                    421,
                    "this is not '" + printable(host) + "': if it is meant to be, add it to --http-allowed-hosts"));
        }
        if (fromAnotherSite(headers)) {
            return Optional.of(new Refusal(403, "pages of other sites are not answered"));
        }
        if (!certificates && tokens == null) {
            return Optional.empty();
        }
        if (tokens != null && tokens.current().admit(headers.getFirst("Authorization"))) {
            return Optional.empty();
        }
        if (certificates && hasCertificate(exchange)) {
            return Optional.empty();
        }
        if (tokens != null) {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer realm=\"natator\"");
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"natator\", charset=\"UTF-8\"");
        }
        String ways =
                tokens == null ? "a client certificate" : certificates ? "a token or a client certificate" : "a token";
        return Optional.of(new Refusal(401, "who are you? " + ways + " is needed"));
    }

    /**
     * What a browser says of itself (Fetch Metadata): following a link is fine, loading into another site's page is not, be
     * it as a frame.
     */
    private static boolean fromAnotherSite(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        return site != null
                && !site.equals("same-origin")
                && !site.equals("none")
                && !("navigate".equals(headers.getFirst("Sec-Fetch-Mode"))
                        && "document".equals(headers.getFirst("Sec-Fetch-Dest")));
    }

    /** Whether the handshake has verified one. */
    private static boolean hasCertificate(HttpExchange exchange) {
        try {
            return exchange instanceof HttpsExchange secure
                    && secure.getSSLSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException none) {
            return false;
        }
    }

    private static String printable(String host) {
        return host.replaceAll("[^a-zA-Z0-9.:_-]", "?");
    }
}
