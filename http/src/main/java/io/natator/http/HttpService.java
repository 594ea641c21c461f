package io.natator.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's HTTP server: GET and HEAD of exact paths, one virtual thread per request. Open paths respond to everyone, as
 * probes need; guarded paths only to requests that the settings admit. Every response forbids browsers to share it with
 * pages of other origins.
 */
public final class HttpService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpService.class);

    static {
        // The JDK's server reads these once. They bound the memory that idle connections take.
        setDefault("jdk.httpserver.maxConnections", "1000");
        setDefault("sun.net.httpserver.maxReqTime", "30"); // seconds until the headers of a request have to be complete
        setDefault("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final Admission admission;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Route> routes = new TreeMap<>();

    private record Route(HttpHandler handler, boolean guarded) {}

    /**
     * Binds the port; requests are served from {@link #start} on.
     *
     * @throws IOException if the port cannot be bound or the files cannot be used, with one line for a person
     */
    public HttpService(HttpSettings settings) throws IOException {
        this(settings, System::nanoTime);
    }

    HttpService(HttpSettings settings, LongSupplier nanoTime) throws IOException {
        admission = new Admission(settings, nanoTime);
        Optional<SSLContext> tls =
                settings.tls().isPresent() ? Optional.of(ServerTls.ofServer(settings, nanoTime)) : Optional.empty();
        server = bind(settings, tls);
        server.setExecutor(threads);
    }

    private static HttpServer bind(HttpSettings settings, Optional<SSLContext> tls) throws IOException {
        var address = new InetSocketAddress(settings.address(), settings.port());
        try {
            if (tls.isEmpty()) {
                return HttpServer.create(address, 0);
            }
            HttpsServer secure = HttpsServer.create(address, 0);
            secure.setHttpsConfigurator(
                    new Configurator(tls.get(), settings.clientCa().isPresent()));
            return secure;
        } catch (IOException | UnresolvedAddressException e) {
            throw new IOException(
                    "cannot listen on " + settings.address() + ":" + settings.port() + ": "
                            + (e instanceof UnresolvedAddressException ? "the address is unknown" : e.getMessage())
                            + ": free the port, or choose another with --http-address and --http-port (0 for any)",
                    e);
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static final class Configurator extends HttpsConfigurator {
        private final boolean askForCertificate;

        Configurator(SSLContext context, boolean askForCertificate) {
            super(context);
            this.askForCertificate = askForCertificate;
        }

        @Override
        public void configure(HttpsParameters parameters) {
            SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
            // Wanted, not needed: probes have no certificate. A certificate that is sent has to be valid, and guarded
            // paths require one.
            ssl.setWantClientAuth(askForCertificate);
            parameters.setSSLParameters(ssl);
        }
    }

    /** Adds a path that responds to everyone. Call it before {@link #start}. */
    public HttpService open(String path, HttpHandler handler) {
        routes.put(path, new Route(handler, false));
        return this;
    }

    /** Adds a path that responds to requests that the settings admit. Call it before {@link #start}. */
    public HttpService guarded(String path, HttpHandler handler) {
        routes.put(path, new Route(handler, true));
        return this;
    }

    /** Starts to serve requests. */
    public HttpService start() {
        server.createContext("/", this::serve);
        server.start();
        return this;
    }

    /** The bound port. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            setBrowserPolicy(exchange.getResponseHeaders());
            try {
                answer(exchange);
            } catch (RuntimeException e) {
                log.atWarn()
                        .addKeyValue("path", exchange.getRequestURI().getPath())
                        .setCause(e)
                        .log("A request failed");
                if (exchange.getResponseCode() < 0) {
                    Answers.text(exchange, 500, "internal error: see the log");
                }
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        Route route = routes.get(exchange.getRequestURI().getPath());
        if (route == null || route.guarded()) {
            Optional<Admission.Refusal> refusal = admission.refusal(exchange);
            if (refusal.isPresent()) {
                Answers.text(exchange, refusal.get().status(), refusal.get().line());
                return;
            }
        }
        if (route == null) {
            Answers.text(exchange, 404, "not found: try " + String.join(" ", routes.keySet()));
        } else if (!exchange.getRequestMethod().equals("GET")
                && !exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            Answers.text(exchange, 405, "only GET and HEAD");
        } else {
            route.handler().handle(exchange);
        }
    }

    /**
     * Forbids other origins to read, frame or embed a response (no CORS), and browsers to guess its type. Scripts come from
     * this origin only; workers may be created from them.
     */
    private static void setBrowserPolicy(Headers headers) {
        headers.set(
                "Content-Security-Policy",
                "default-src 'self'; worker-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none';"
                        + " form-action 'none'; frame-ancestors 'none'");
        headers.set("X-Frame-Options", "DENY");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cache-Control", "no-store");
    }
}
