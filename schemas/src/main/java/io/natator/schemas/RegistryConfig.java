package io.natator.schemas;

import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a schema registry. The properties have the names of Confluent's clients:
 *
 * <ul>
 *   <li>{@code schema.registry.url}: URLs of the API, separated by commas
 *   <li>{@code basic.auth.user.info}: {@code user:password}, or instead {@code bearer.auth.token}: a token
 *   <li>{@code schema.registry.ssl.…}: TLS, with the names and values of Kafka's {@code ssl.…}
 *   <li>{@code auto.register.schemas}: whether writers register their schemas; default {@code true}
 * </ul>
 *
 * @param urls URLs of the API, without a slash at the end; the first that answers is used
 * @param authorization value of the Authorization header; null for none
 * @param ssl properties with the names of Kafka's {@code ssl.…}; if empty, Java's default authorities are trusted
 * @param registers whether a writer registers schemas that are not registered yet
 */
public record RegistryConfig(
        List<URI> urls, @Nullable String authorization, Map<String, String> ssl, boolean registers) {
    /** The name of the property that contains the URLs of the registry. */
    public static final String URL = "schema.registry.url";

    private static final List<String> PREFIXES = List.of("schema.registry.", "basic.auth.", "bearer.auth.");

    /** Matches a reference to a config provider ({@code ${provider:path:key}}) that was not resolved. */
    private static final Pattern LEFT_OPEN = Pattern.compile("\\$\\{[^}]*:[^}]*}");

    private static final String USER_INFO = "basic.auth.user.info";
    private static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
    private static final String TOKEN = "bearer.auth.token";
    private static final String AUTO_REGISTER = "auto.register.schemas";
    private static final String SSL_PREFIX = "schema.registry.";

    public RegistryConfig {
        urls = List.copyOf(urls);
        ssl = Map.copyOf(ssl);
    }

    /** Returns the URLs and settings as text, without passwords and tokens. */
    @Override
    public String toString() {
        return urls.toString();
    }

    /**
     * Reads the configuration of a registry from the properties of a Kafka client; empty if they name none. References
     * to config providers (KIP-297) are resolved, as Kafka's clients do.
     *
     * @throws IllegalArgumentException if properties are invalid; the message has one line per problem
     */
    public static Optional<RegistryConfig> in(Map<String, String> clientProperties) {
        Map<String, String> properties = new TreeMap<>(clientProperties);
        properties.keySet().removeIf(key -> !isRegistryProperty(key));
        if (properties.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> read = new AbstractConfig(new ConfigDef(), clientProperties, false).originalsStrings();
        properties.replaceAll((key, value) -> String.valueOf(read.get(key)));
        properties.forEach((key, value) -> {
            if (LEFT_OPEN.matcher(value).find()) {
                throw new IllegalArgumentException(key + " is " + value
                        + ": the file, the key or the provider does not exist: check config.providers");
            }
        });
        return Optional.of(of(properties));
    }

    private static boolean isRegistryProperty(String key) {
        return key.equals(AUTO_REGISTER) || PREFIXES.stream().anyMatch(key::startsWith);
    }

    /**
     * Reads the configuration of a registry from properties that belong to the registry only.
     *
     * @throws IllegalArgumentException if properties are invalid; the message has one line per problem
     */
    public static RegistryConfig of(Map<String, String> properties) {
        List<String> problems = new ArrayList<>();
        Map<String, String> rest = new TreeMap<>(properties);
        List<URI> urls = urls(rest.remove(URL), problems);
        String source = rest.remove(CREDENTIALS_SOURCE);
        if (source != null && !source.equals("USER_INFO")) {
            problems.add(CREDENTIALS_SOURCE + " is '" + source + "': only USER_INFO is supported");
        }
        String authorization = authorization(rest.remove(USER_INFO), rest.remove(TOKEN), problems);
        String registers = rest.remove(AUTO_REGISTER);
        if (registers != null && !registers.equals("true") && !registers.equals("false")) {
            problems.add(AUTO_REGISTER + " is '" + registers + "': true or false");
        }
        Map<String, String> ssl = new TreeMap<>();
        for (String key : new TreeSet<>(rest.keySet())) {
            if (key.startsWith(SSL_PREFIX + "ssl.")) {
                ssl.put(key.substring(SSL_PREFIX.length()), String.valueOf(rest.get(key)));
            } else {
                problems.add(key + " is not known: a property of the schema registry is one of " + URL + ", "
                        + USER_INFO + ", " + TOKEN + ", " + AUTO_REGISTER + ", " + SSL_PREFIX + "ssl.…");
            }
        }
        if (!ssl.isEmpty()) {
            sslContextFactory(ssl, problems);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new RegistryConfig(urls, authorization, ssl, !"false".equals(registers));
    }

    /** Returns the configuration for the registry at a URL, with defaults for all other properties. */
    public static RegistryConfig at(String url) {
        return of(Map.of(URL, url));
    }

    /** The factory of TLS connections; null to use Java's default. */
    @Nullable
    DefaultSslEngineFactory sslContextFactory() {
        List<String> problems = new ArrayList<>();
        DefaultSslEngineFactory factory = ssl.isEmpty() ? null : sslContextFactory(ssl, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return factory;
    }

    private static List<URI> urls(@Nullable String text, List<String> problems) {
        List<URI> urls = new ArrayList<>();
        if (text == null || text.isBlank()) {
            problems.add(URL + " is missing: name the address of the registry's API");
            return urls;
        }
        for (String part : text.split(",", -1)) {
            String url = part.strip().replaceFirst("/+$", "");
            try {
                URI uri = URI.create(url);
                if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                    urls.add(uri);
                    continue;
                }
            } catch (IllegalArgumentException e) {
                // a reference that is still unresolved is reported below
            }
            problems.add(URL + " '" + url + "' is no address: write http://host:port or https://host:port");
        }
        return urls;
    }

    private static @Nullable String authorization(
            @Nullable String userInfo, @Nullable String token, List<String> problems) {
        if (userInfo != null && token != null) {
            problems.add(USER_INFO + " and " + TOKEN + " are both set: only one can be used");
        }
        if (userInfo != null && userInfo.indexOf(':') < 1) {
            problems.add(USER_INFO + " has no user: write user:password");
        }
        if (userInfo != null) {
            byte[] bytes = userInfo.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            return "Basic " + java.util.Base64.getEncoder().encodeToString(bytes);
        }
        return token == null ? null : "Bearer " + token;
    }

    /**
     * Configures Kafka's SSL engine factory, so that the same formats of keystores can be used as for Kafka: PEM,
     * PKCS12 and JKS, as file or inline. Adds unknown and invalid properties to {@code problems}. Returns null if there
     * are such properties.
     */
    private static @Nullable DefaultSslEngineFactory sslContextFactory(Map<String, String> ssl, List<String> problems) {
        var definition = new ConfigDef().withClientSslSupport();
        ssl.keySet().stream()
                .filter(key -> !definition.names().contains(key))
                .forEach(key -> problems.add(SSL_PREFIX + key + " is not known to Kafka's clients either"));
        try {
            var factory = new DefaultSslEngineFactory();
            factory.configure(new AbstractConfig(definition, ssl, false).values());
            return factory;
        } catch (KafkaException e) {
            problems.add(SSL_PREFIX + "ssl.…: " + root(e));
            return null;
        }
    }

    private static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.join(": ", Arrays.asList(root.getClass().getSimpleName(), String.valueOf(root.getMessage())));
    }
}
