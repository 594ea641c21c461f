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

/** Decides which requests are admitted. If tokens and client certificates are configured, one of them is enough. */
final class Admission {
    /**
     * Why a request is refused.
     *
     * @param status HTTP status of the response
     * @param line body of the response, one line
     */
    record Refusal(int status, String line) {}

    private final KnownHosts hosts;
    private final boolean certificates;
    private final @Nullable Rotating<Tokens> tokens;

    /**
     * Reads the tokens.
     *
     * @throws IOException if the tokens cannot be read
     */
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

    /** Why the request is refused; empty if it is admitted. */
    Optional<Refusal> refusal(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        String host = headers.getFirst("Host");
        if (!hosts.knows(host)) {
            return Optional.of(new Refusal(
                    421,
                    "unknown host '" + printable(host)
                            + "': if browsers may use this name, add it to --http-allowed-hosts"));
        }
        if (fromAnotherSite(headers)) {
            return Optional.of(new Refusal(403, "requests from pages of other sites are refused"));
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
        return Optional.of(new Refusal(401, "not authenticated: present " + ways));
    }

    /**
     * Whether a page of another site sends the request, which browsers report in Fetch Metadata headers. A user is
     * allowed to follow a link from another site, but the other site is not allowed to embed a response or to show it
     * in a frame.
     */
    private static boolean fromAnotherSite(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        return site != null
                && !site.equals("same-origin")
                && !site.equals("none")
                && !("navigate".equals(headers.getFirst("Sec-Fetch-Mode"))
                        && "document".equals(headers.getFirst("Sec-Fetch-Dest")));
    }

    /** Whether the TLS handshake verified a client certificate. */
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
