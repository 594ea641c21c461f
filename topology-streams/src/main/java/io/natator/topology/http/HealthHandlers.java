package io.natator.topology.http;

import com.sun.net.httpserver.HttpHandler;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code /healthz} and {@code /readyz}: 200, or 503 with one line that says why not. */
public final class HealthHandlers {
    private HealthHandlers() {}

    /**
     * A handler.
     *
     * @param hindrance what stands in the way, empty if nothing does
     */
    public static HttpHandler of(Supplier<Optional<String>> hindrance) {
        return exchange -> {
            Optional<String> why = hindrance.get();
            HttpEndpoints.text(exchange, why.isEmpty() ? 200 : 503, why.orElse("ok") + "\n");
        };
    }
}
