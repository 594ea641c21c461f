package io.natator.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The host names that requests may use, as a protection against DNS rebinding: a hostile page can let its own DNS name
 * resolve to a service's address, so that a browser treats page and service as one origin. Requests are allowed to use
 * IP addresses, the configured names, and names that public DNS cannot contain: names without a dot, and names below
 * {@code .localhost}, {@code .local}, {@code .internal} (RFC 6761, RFC 6762, ICANN 2024) and Kubernetes' {@code .svc}.
 */
final class KnownHosts {
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.%]+]");
    private static final Pattern PRIVATE_NAME = Pattern.compile("[^.]+|.+\\.(localhost|local|internal|svc)");

    private final Set<String> allowed;

    KnownHosts(List<String> allowed) {
        this.allowed = allowed.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    /** Whether requests with this Host header are allowed. Null is allowed, because browsers always send the header. */
    boolean knows(@Nullable String header) {
        if (header == null) {
            return true;
        }
        String name = header.replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
        return ADDRESS.matcher(name).matches() || PRIVATE_NAME.matcher(name).matches() || allowed.contains(name);
    }
}
