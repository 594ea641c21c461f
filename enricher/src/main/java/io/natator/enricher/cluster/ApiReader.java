package io.natator.enricher.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lists, watches and reads objects of the Kubernetes API as untyped JSON over HTTP, as kubectl does. A field that is
 * {@code null} counts as absent. Calls block. Thread-safe.
 *
 * <p>A connection that has delivered no data for too long is closed. Otherwise, a read from an API server that
 * disappeared without closing the connection would block for ever.
 */
public final class ApiReader implements AutoCloseable {
    /**
     * Media types that request metadata only (Kubernetes API concepts, "Metadata-only fetches"). A list needs the
     * list's kind and a watch needs the object's kind: a watch that names the list's kind receives no events.
     */
    private static final String METADATA_LIST =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private static final String METADATA =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private static final String WHOLE = "application/json";
    private static final Duration LIST_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration SILENCE_CHECK = Duration.ofSeconds(5);
    /** Maximum bytes read from the body of an error response. */
    private static final int LONGEST_STATUS = 1 << 16;

    private static final JsonMapper JSON = JsonMapper.builder()
            // If this check were enabled, parsing one event of a watch would wait for the next event.
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final KubernetesClient client;
    private final ClusterConnection connection;
    private final Set<Body> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService silenceChecks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("api-silence-checks").factory());

    /** @param connection is not closed by this instance; the caller closes it after this instance */
    public ApiReader(ClusterConnection connection) {
        this.connection = connection;
        this.client = connection.client();
        var _ = silenceChecks.scheduleWithFixedDelay(
                () -> open.forEach(Body::closeIfSilent),
                SILENCE_CHECK.toMillis(),
                SILENCE_CHECK.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Describes where the credentials come from, for log lines. */
    String credentials() {
        return connection.credentials();
    }

    /** The pause before the first retry. */
    Duration firstPause() {
        return Duration.ofMillis(client.getConfiguration().getWatchReconnectInterval());
    }

    /**
     * The metadata of a page of a list.
     *
     * @param resourceVersion the version to start a watch from
     * @param nextPage the token of the next page; empty if this is the last page
     */
    record Page(String resourceVersion, String nextPage) {}

    /**
     * A collection to list or watch.
     *
     * @param namespace empty for all namespaces
     */
    record Collection(WatchedKind kind, String namespace) {
        private String path() {
            return kind.path(namespace);
        }
    }

    /**
     * Reads one page of a list.
     *
     * @param limit maximum number of objects in the page
     * @param page the token of the page; empty for the first page
     * @param objects receives each object before this method returns
     */
    Page list(Collection collection, long limit, String page, Consumer<Map<?, ?>> objects)
            throws ApiException, InterruptedException {
        String query = "?limit=" + limit + (page.isEmpty() ? "" : "&continue=" + encoded(page));
        String accept = collection.kind().isController() ? METADATA_LIST : WHOLE;
        try (Body body = open(collection.path() + query, accept, LIST_TIMEOUT, LIST_TIMEOUT);
                JsonParser parser = JSON.createParser(body)) {
            return readPage(parser, objects);
        } catch (JacksonException e) {
            throw ApiException.unreadable(e);
        }
    }

    private static Page readPage(JsonParser parser, Consumer<Map<?, ?>> objects) throws ApiException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw unexpected("a list", "no JSON object");
        }
        Map<?, ?> metadata = Map.of();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (field.equals("items") && value == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (JSON.readValue(parser, Object.class) instanceof Map<?, ?> object) {
                        objects.accept(object);
                    }
                }
            } else if (field.equals("metadata") && value == JsonToken.START_OBJECT) {
                metadata = JSON.readValue(parser, Map.class);
            } else {
                parser.skipChildren();
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            throw unexpected("a list", "cut off");
        }
        return new Page(JsonFields.text(metadata, "resourceVersion"), JsonFields.text(metadata, "continue"));
    }

    private static ApiException unexpected(String expected, String found) {
        return new ApiException(ApiException.Failure.UNREADABLE, "expected " + expected + ", got " + found, null);
    }

    /**
     * Opens a watch with bookmarks.
     *
     * @param resourceVersion the watch reports changes after this version
     * @param timeout the API server ends the watch after this time
     * @param maxSilence the watch is closed if the API server has sent nothing for this long
     */
    Events watch(Collection collection, String resourceVersion, Duration timeout, Duration maxSilence)
            throws ApiException, InterruptedException {
        String query = "?watch=true&allowWatchBookmarks=true&resourceVersion=" + encoded(resourceVersion)
                + "&timeoutSeconds=" + timeout.toSeconds();
        String accept = collection.kind().isController() ? METADATA : WHOLE;
        return new Events(open(collection.path() + query, accept, TIMEOUT, maxSilence));
    }

    /**
     * The events of one watch. Closing this ends the watch. Only one thread at a time can read events. Any thread can
     * close this.
     */
    static final class Events implements AutoCloseable {
        private final Body body;
        /** Null until the first event is read, because creating a parser waits for input. */
        private @Nullable JsonParser parser;

        private Events(Body body) {
            this.body = body;
        }

        /** Waits for the next event. Returns empty when the watch has ended or its connection has broken. */
        Optional<Map<?, ?>> next() throws ApiException {
            try {
                JsonParser current = parser;
                if (current == null) {
                    current = JSON.createParser(body);
                    parser = current;
                }
                return current.nextToken() == null ? Optional.empty() : Optional.of(JSON.readValue(current, Map.class));
            } catch (JacksonException e) {
                ApiException failure = ApiException.unreadable(e);
                if (failure.failure() == ApiException.Failure.UNREACHABLE || body.isAtEnd()) {
                    return Optional.empty();
                }
                throw failure;
            }
        }

        @Override
        public void close() {
            body.close();
        }
    }

    /**
     * Reads one object.
     *
     * @param path absolute path with encoded segments
     * @return empty if the object does not exist
     */
    Optional<Map<?, ?>> get(String path, boolean metadataOnly) throws ApiException, InterruptedException {
        try (Body body = open(path, metadataOnly ? METADATA : WHOLE, TIMEOUT, TIMEOUT)) {
            return Optional.of(JSON.readValue(body, Map.class));
        } catch (JacksonException e) {
            throw ApiException.unreadable(e);
        } catch (ApiException e) {
            if (e.failure() == ApiException.Failure.NOT_SERVED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Asks the API server whether it and its etcd work. If the server refuses to answer this, it counts as working. Waits
     * for the response at most as long as for that of any other request.
     */
    public boolean isServing() throws InterruptedException {
        try (Body body = open("/readyz", WHOLE, TIMEOUT, TIMEOUT)) {
            return true;
        } catch (ApiException e) {
            return switch (e.failure()) {
                case UNREACHABLE, UNAVAILABLE -> false;
                default -> true;
            };
        }
    }

    /** Encodes a text as one segment of a path or one value of a query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * @param timeout maximum time until the response's headers arrive
     * @param silence the body is closed if one read waits longer than this
     */
    private Body open(String path, String accept, Duration timeout, Duration silence)
            throws ApiException, InterruptedException {
        CompletableFuture<HttpResponse<InputStream>> pending;
        try {
            HttpClient http = client.getHttpClient();
            HttpRequest request = http.newHttpRequestBuilder()
                    .uri(address() + path)
                    .header("Accept", accept)
                    .build();
            pending = http.sendAsync(request, InputStream.class);
        } catch (RuntimeException e) {
            throw ApiException.unreachable(e);
        }
        try {
            HttpResponse<InputStream> response = pending.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            var body = new Body(response.body(), silence);
            if (response.code() != HttpURLConnection.HTTP_OK) {
                throw failure(response.code(), body);
            }
            return body;
        } catch (ExecutionException e) {
            throw ApiException.unreachable(e);
        } catch (TimeoutException e) {
            throw new ApiException(
                    ApiException.Failure.UNREACHABLE, "no response within " + timeout.toSeconds() + " s", e);
        } finally {
            pending.cancel(true); // closing has no effect if the response is complete
        }
    }

    private String address() {
        String address = client.getConfiguration().getMasterUrl();
        return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    private static ApiException failure(int code, Body body) {
        String text;
        try (body) {
            text = new String(body.readNBytes(LONGEST_STATUS), StandardCharsets.UTF_8);
        } catch (IOException e) {
            text = "";
        }
        try {
            if (JSON.readValue(text, Object.class) instanceof Map<?, ?> status) {
                return ApiException.ofResponse(code, status, "");
            }
        } catch (JacksonException e) {
            // not a Status in JSON: a proxy's error page, or "404 page not found"
        }
        return ApiException.ofResponse(code, Map.of(), text);
    }

    /** The body of a response. It is closed if a read waits for too long. Any thread can close it. */
    private final class Body extends InputStream {
        private final InputStream in;
        private final long silenceNanos;
        /** Time at which the read that waits for data began, by {@link System#nanoTime}; 0 if no read waits. */
        private volatile long waitsSince;

        private volatile boolean atEnd;

        Body(InputStream in, Duration silence) {
            this.in = in;
            this.silenceNanos = silence.toNanos();
            open.add(this);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            waitsSince = System.nanoTime() | 1;
            try {
                int count = in.read(bytes, offset, length);
                atEnd |= count < 0;
                return count;
            } finally {
                waitsSince = 0;
            }
        }

        boolean isAtEnd() {
            return atEnd;
        }

        void closeIfSilent() {
            long since = waitsSince;
            if (since != 0 && System.nanoTime() - since > silenceNanos) {
                close();
            }
        }

        @Override
        public void close() {
            open.remove(this);
            try {
                in.close();
            } catch (IOException e) {
                // the body is discarded, so an error in closing it has no effect
            }
        }
    }

    /** Closes all open responses. */
    @Override
    public void close() {
        silenceChecks.shutdownNow();
        open.forEach(Body::close);
    }
}
