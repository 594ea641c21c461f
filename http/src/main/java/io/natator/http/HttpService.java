package io.natator.http;

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
 * The HTTP server of a service. It serves GET and HEAD of exact paths, with one virtual thread per request. Open paths
 * respond to all clients, because Kubernetes' probes do not authenticate. Guarded paths respond only to requests with a
 * host name and credentials that {@link HttpSettings} admit. Every response forbids browsers to share it with pages of
 * other origins.
 */
public final class HttpService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpService.class);

    static {
        // The JDK's server reads these properties once. They limit the memory of idle connections, and switch Nagle's
        // algorithm off.
        setDefault("jdk.httpserver.maxConnections", "1000");
        setDefault("sun.net.httpserver.maxReqTime", "30"); // seconds within which a client has to send a request
        setDefault("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final Admission admission;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Route> routes = new TreeMap<>();

    private record Route(HttpHandler handler, boolean guarded) {}

    /**
     * Binds the port. Requests are served after {@link #start}.
     *
     * @throws IOException if the port cannot be bound or a file cannot be used; the message is one line for a person
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
            // Ask clients for a certificate, but accept clients without one, because Kubernetes' probes of open paths
            // have none. A certificate that a client sends has to be valid. Guarded paths check that the client sent
            // one.
            ssl.setWantClientAuth(askForCertificate);
            parameters.setSSLParameters(ssl);
        }
    }

    /** Adds a path that responds to all clients. Call this before {@link #start}. */
    public HttpService open(String path, HttpHandler handler) {
        routes.put(path, new Route(handler, false));
        return this;
    }

    /**
     * Adds a path that responds only to clients that authenticate as {@link HttpSettings} require. Call this before
     * {@link #start}.
     */
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

    /** The port on which the server listens. */
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
            BrowserPolicy.setHeaders(exchange.getResponseHeaders());
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
}
