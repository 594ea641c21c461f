package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The credentials for a cluster, and their source. A token in a file, such as the token of a pod's service account, is
 * read again every 10 s, because the kubelet replaces it before it expires. A token that a kubeconfig contains, or that
 * a command of the kubeconfig prints, is read again when the API server no longer accepts it. Thread-safe.
 */
final class Credentials implements Interceptor {
    private static final Logger log = LoggerFactory.getLogger(Credentials.class);
    private static final String AUTHORIZATION = "Authorization";
    private static final String BEARER = "Bearer ";
    /** A token file is read again after this time. */
    private static final Duration FILE_AGE = Duration.ofSeconds(10);

    /**
     * The age for a token that is not in a file. It is never reached, so the token is read again only after the API
     * server has refused it.
     */
    private static final Duration UNTIL_REFUSED = Duration.ofDays(36_500);
    /**
     * Minimum time between two renewals of a token. When a token expires, many requests fail at once. They share one
     * renewal, because the command that renews the token can be slow.
     */
    private static final Duration SHORTEST_RENEWAL = Duration.ofSeconds(5);

    private static final Executor RENEWALS =
            task -> Thread.ofVirtual().name("credentials").start(task);

    /** The place from which the token is read again. */
    private interface Source {
        @Nullable
        String read() throws IOException;
    }

    private final String origin;
    private final @Nullable Source source;
    private final Duration age;
    private @Nullable String token;
    private long readAt;
    private boolean read;

    private Credentials(String origin, @Nullable Source source, Duration age, @Nullable String token) {
        this.origin = origin;
        this.source = source;
        this.age = age;
        this.token = token;
    }

    /** Finds the credentials that a kubeconfig names. */
    static Credentials of(Config config) {
        File file = config.getFileWithAuthInfo();
        Optional<AuthInfo> user = userOf(config, file);
        String kubeconfig = file == null ? "the configuration" : "the kubeconfig " + file;
        Optional<Path> tokenFile = user.map(AuthInfo::getTokenFile)
                .filter(name -> !name.isEmpty())
                .map(name -> file == null ? Path.of(name) : file.toPath().resolveSibling(name));
        if (tokenFile.isPresent()) {
            return ofFile("the token file " + tokenFile.get() + " of " + kubeconfig, tokenFile.get());
        }
        if (config.getCurrentContext() == null && config.getOauthToken() == null && ClusterAccess.isInCluster()) {
            return ofFile(
                    "the service account's token " + ClusterAccess.SERVICE_ACCOUNT_TOKEN,
                    ClusterAccess.SERVICE_ACCOUNT_TOKEN);
        }
        if (config.getAuthProvider() != null || config.getUsername() != null) {
            // fabric8 handles auth providers and passwords itself, so no token is added here.
            return new Credentials("the auth provider or password of " + kubeconfig, null, FILE_AGE, null);
        }
        if (config.getOauthToken() != null) {
            return new Credentials("the token of " + kubeconfig, null, FILE_AGE, config.getOauthToken());
        }
        String token = config.getAutoOAuthToken();
        if (token != null && !token.isEmpty()) {
            boolean fromCommand = user.map(AuthInfo::getExec).isPresent();
            String origin = fromCommand
                    ? "the token that the command '" + user.get().getExec().getCommand() + "' of " + kubeconfig
                            + " gave"
                    : "the token of " + kubeconfig;
            return new Credentials(origin, () -> config.refresh().getAutoOAuthToken(), UNTIL_REFUSED, token);
        }
        boolean certificate = config.getClientCertData() != null || config.getClientCertFile() != null;
        return new Credentials(
                certificate ? "the client certificate of " + kubeconfig : "no credentials", null, FILE_AGE, null);
    }

    /** Creates credentials with the token in a file. */
    static Credentials ofFile(String origin, Path file) {
        return new Credentials(
                origin, () -> Files.readString(file, StandardCharsets.UTF_8).strip(), FILE_AGE, null);
    }

    private static Optional<AuthInfo> userOf(Config config, @Nullable File file) {
        if (file == null
                || config.getCurrentContext() == null
                || config.getCurrentContext().getContext() == null) {
            return Optional.empty();
        }
        String name = config.getCurrentContext().getContext().getUser();
        var users = KubeConfigUtils.parseConfig(file).getUsers();
        return users == null
                ? Optional.empty()
                : users.stream()
                        .filter(named ->
                                named.getName() != null && named.getName().equals(name) && named.getUser() != null)
                        .findFirst()
                        .map(named -> named.getUser());
    }

    /** Returns true if these credentials add a token to requests. */
    boolean hasToken() {
        return source != null || token != null;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        String current = current();
        if (current != null && !current.isEmpty()) {
            builder.setHeader(AUTHORIZATION, BEARER + current);
        }
    }

    private synchronized @Nullable String current() {
        if (source != null && (token == null || System.nanoTime() - readAt > age.toNanos())) {
            renew();
        }
        return token;
    }

    private synchronized @Nullable String renewedIfSame(String used) {
        boolean recent = read && System.nanoTime() - readAt < SHORTEST_RENEWAL.toNanos();
        if (used.equals(token) && source != null && !recent) {
            renew();
        }
        return token;
    }

    private void renew() {
        Source from = source;
        if (from == null) {
            return;
        }
        readAt = System.nanoTime();
        read = true;
        try {
            String fresh = from.read();
            if (fresh != null && !fresh.isEmpty()) {
                token = fresh;
            }
        } catch (IOException | RuntimeException e) {
            log.atWarn()
                    .addKeyValue("credentials", origin)
                    .addKeyValue("reason", e.toString())
                    .log("Cannot read the credentials again: the previous ones stay in use");
        }
    }

    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder builder, HttpResponse<?> response, RequestTags tags) {
        if (response.code() != HttpURLConnection.HTTP_UNAUTHORIZED || source == null) {
            return CompletableFuture.completedFuture(false);
        }
        String header = response.request() == null ? null : response.request().header(AUTHORIZATION);
        String used = header != null && header.startsWith(BEARER) ? header.substring(BEARER.length()) : "";
        return CompletableFuture.supplyAsync(
                () -> {
                    String fresh = renewedIfSame(used);
                    if (fresh == null || fresh.equals(used)) {
                        return false;
                    }
                    builder.setHeader(AUTHORIZATION, BEARER + fresh);
                    return true;
                },
                RENEWALS);
    }

    /** Describes where the token comes from, and when it expires if that is known. */
    String description() {
        String current;
        synchronized (this) {
            current = token;
        }
        return origin + (current == null ? "" : expiryOf(current, Instant.now()));
    }

    /** The time at which a JSON Web Token (RFC 7519) expires, as text; empty for any other token. */
    static String expiryOf(String token, Instant now) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return "";
        }
        try {
            byte[] claims = Base64.getUrlDecoder().decode(parts[1]);
            if (JsonMapper.shared().readValue(claims, Object.class) instanceof Map<?, ?> fields
                    && fields.get("exp") instanceof Number seconds) {
                Instant end = Instant.ofEpochSecond(seconds.longValue());
                return end.isAfter(now) ? ", which is valid until " + end : ", which expired at " + end;
            }
        } catch (IllegalArgumentException | DateTimeException | JacksonException e) {
            // the token is not a JSON Web Token
        }
        return "";
    }
}
