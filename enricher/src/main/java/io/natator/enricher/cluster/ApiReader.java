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
 * Lists, watches and reads objects of the API as untyped JSON, over plain HTTP as kubectl does. What the API leaves out
 * or sends as {@code null} reads as absent. Calls block; thread-safe.
 *
 * <p>A connection that brings nothing for too long is given up, so that a peer that vanished without a word does not
 * stop a watch for ever.
 */
public final class ApiReader implements AutoCloseable {
    /**
     * Negotiates metadata only (Kubernetes API concepts, "Metadata-only fetches"). The kind has to be that of the
     * answer: a watch that asks for a list gets no event at all.
     */
    private static final String METADATA_LIST =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private static final String METADATA =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private static final String WHOLE = "application/json";
    private static final Duration LIST_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** The API server sends a bookmark about once a minute. */
    private static final Duration WATCH_SILENCE = Duration.ofSeconds(150);

    private static final Duration SILENCE_CHECK = Duration.ofSeconds(5);
    private static final int LONGEST_STATUS = 1 << 16;

    private static final JsonMapper JSON = JsonMapper.builder()
            // Looking for a next token would wait for the next event of a watch.
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final KubernetesClient client;
    private final ClusterConnection connection;
    private final Set<Body> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService silenceChecks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("api-silence-checks").factory());

    /** @param connection stays the caller's to close, after this */
    public ApiReader(ClusterConnection connection) {
        this.connection = connection;
        this.client = connection.client();
        var _ = silenceChecks.scheduleWithFixedDelay(
                () -> open.forEach(Body::closeIfSilent),
                SILENCE_CHECK.toMillis(),
                SILENCE_CHECK.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Where the credentials come from, for log lines. */
    String credentials() {
        return connection.credentials();
    }

    /** How long to wait before the first new attempt. */
    Duration firstPause() {
        return Duration.ofMillis(client.getConfiguration().getWatchReconnectInterval());
    }

    /**
     * What a page of a list says of the list.
     *
     * @param resourceVersion to watch from
     * @param next of the next page; empty if this was the last one
     */
    record Page(String resourceVersion, String next) {}

    /**
     * Reads one page of a list.
     *
     * @param namespace empty for all
     * @param limit objects of the page at most
     * @param from what the page before said; empty for the first one
     * @param objects receives each object before this returns
     */
    Page list(WatchedKind kind, String namespace, long limit, String from, Consumer<Map<?, ?>> objects)
            throws ApiException, InterruptedException {
        String query = "?limit=" + limit + (from.isEmpty() ? "" : "&continue=" + encoded(from));
        String accept = kind.isController() ? METADATA_LIST : WHOLE;
        try (Body body = open(kind.path(namespace) + query, accept, LIST_PATIENCE, LIST_PATIENCE);
                JsonParser parser = JSON.createParser(body)) {
            return page(parser, objects);
        } catch (JacksonException e) {
            throw ApiException.unreadable(e);
        }
    }

    private static Page page(JsonParser parser, Consumer<Map<?, ?>> objects) throws ApiException {
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
        return new Page(Fields.text(metadata, "resourceVersion"), Fields.text(metadata, "continue"));
    }

    private static ApiException unexpected(String expected, String found) {
        return new ApiException(ApiException.Cause.UNREADABLE, "expected " + expected + ", got " + found, null);
    }

    /**
     * Opens a watch with bookmarks.
     *
     * @param resourceVersion where it starts
     * @param longest after so long the API server ends it
     */
    Events watch(WatchedKind kind, String namespace, String resourceVersion, Duration longest)
            throws ApiException, InterruptedException {
        String query = "?watch=true&allowWatchBookmarks=true&resourceVersion=" + encoded(resourceVersion)
                + "&timeoutSeconds=" + longest.toSeconds();
        String accept = kind.isController() ? METADATA : WHOLE;
        return new Events(open(kind.path(namespace) + query, accept, PATIENCE, WATCH_SILENCE));
    }

    /** The events of one watch, which is closed with it. For one thread; any thread may close it. */
    static final class Events implements AutoCloseable {
        private final Body body;
        /** Made with the first event, for it waits for input. */
        private @Nullable JsonParser parser;

        private Events(Body body) {
            this.body = body;
        }

        /** Waits for the next event; empty when the watch has ended, or its connection broke. */
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
                if (failure.kind() == ApiException.Cause.UNREACHABLE || body.isAtEnd()) {
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
     * @param path below the API server's address, with encoded segments
     * @return empty if it does not exist
     */
    Optional<Map<?, ?>> get(String path, boolean metadataOnly) throws ApiException, InterruptedException {
        try (Body body = open(path, metadataOnly ? METADATA : WHOLE, PATIENCE, PATIENCE)) {
            return Optional.of(JSON.readValue(body, Map.class));
        } catch (JacksonException e) {
            throw ApiException.unreadable(e);
        } catch (ApiException e) {
            if (e.kind() == ApiException.Cause.NOT_SERVED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Makes one segment of a path, or one value of a query, out of any text. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Body open(String path, String accept, Duration patience, Duration silence)
            throws ApiException, InterruptedException {
        CompletableFuture<HttpResponse<InputStream>> answer;
        try {
            HttpClient http = client.getHttpClient();
            HttpRequest request = http.newHttpRequestBuilder()
                    .uri(address() + path)
                    .header("Accept", accept)
                    .build();
            answer = http.sendAsync(request, InputStream.class);
        } catch (RuntimeException e) {
            throw ApiException.unreachable(e);
        }
        try {
            HttpResponse<InputStream> response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            var body = new Body(response.body(), silence);
            if (response.code() != HttpURLConnection.HTTP_OK) {
                throw failure(response.code(), body);
            }
            return body;
        } catch (ExecutionException e) {
            throw ApiException.unreachable(e);
        } catch (TimeoutException e) {
            throw new ApiException(
                    ApiException.Cause.UNREACHABLE, "no answer within " + patience.toSeconds() + " s", e);
        } finally {
            answer.cancel(true); // without effect on an answer that came
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
                return ApiException.answered(code, status, "");
            }
        } catch (JacksonException e) {
            // A proxy's page, or "404 page not found"
        }
        return ApiException.answered(code, Map.of(), text);
    }

    /** An answer's body; closed if it brings nothing for too long. Reading and closing are for any threads. */
    private final class Body extends InputStream {
        private final InputStream in;
        private final long silenceNanos;
        /** Zero unless a read waits. */
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
                // given up in any case
            }
        }
    }

    /** Ends everything that is open. */
    @Override
    public void close() {
        silenceChecks.shutdownNow();
        open.forEach(Body::close);
    }
}
