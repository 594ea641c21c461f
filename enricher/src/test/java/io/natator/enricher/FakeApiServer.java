package io.natator.enricher;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A fake API server that a test can make fail: it refuses requests, ends watches, lets versions expire, sends malformed
 * objects, or becomes unreachable. {@code ApiContractTest} compares its normal responses with those of a real API
 * server.
 */
public final class FakeApiServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TEST_CLIENT = "test";
    private static final String END = "";

    private final FakeApiObjects objects = new FakeApiObjects();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Set<String> refusedWatches = ConcurrentHashMap.newKeySet();
    private final Set<String> refusedGets = ConcurrentHashMap.newKeySet();
    private final Map<String, FakeApiResponse> fixedResponses = new ConcurrentHashMap<>();
    private final Set<String> withoutWatches = ConcurrentHashMap.newKeySet();
    private final Set<String> expired = ConcurrentHashMap.newKeySet();
    private final Map<String, Queue<String>> malformedItems = new ConcurrentHashMap<>();
    /** For each resource, one queue per open watch with the lines that are still to be sent. */
    private final Map<String, Queue<BlockingQueue<String>>> watches = new ConcurrentHashMap<>();

    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final InetAddress address;
    private final int port;
    private final KubernetesClient client;
    private volatile @Nullable String token;
    private @Nullable HttpServer server;

    public FakeApiServer() {
        this(InetAddress.getLoopbackAddress());
    }

    /** Starts the server on an address of this machine. */
    public FakeApiServer(InetAddress address) {
        this.address = address;
        HttpServer first = serve(0);
        server = first;
        port = first.getAddress().getPort();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(access())
                        .withUserAgent(TEST_CLIENT)
                        .withOauthToken("test")
                        .build())
                .build();
    }

    private HttpServer serve(int onPort) {
        try {
            HttpServer web = HttpServer.create(new InetSocketAddress(address, onPort), 0);
            web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            web.createContext("/", this::handle);
            web.start();
            return web;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** URL of this API server. */
    public String url() {
        return "http://" + address.getHostAddress() + ":" + port + "/";
    }

    Config access() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withNamespace("natator")
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectInterval(100)
                .build();
    }

    /** The client with which tests create the cluster's objects. Its requests are never refused. */
    public KubernetesClient client() {
        return client;
    }

    /** Stops listening and closes all connections. */
    void stop() {
        if (server != null) {
            server.stop(0);
            server = null;
            List.copyOf(watches.keySet()).forEach(this::endWatches);
        }
    }

    /** Listens again, with the same objects. */
    void restart() {
        server = serve(port);
    }

    /** Accepts only this bearer token from now on. */
    void requireToken(String only) {
        token = only;
    }

    /** Refuses lists and watches of a resource. */
    void refuse(String plural) {
        refused.add(plural);
    }

    /** Ends all refusals of a resource. */
    void allow(String plural) {
        refused.remove(plural);
        refusedWatches.remove(plural);
        refusedGets.remove(plural);
    }

    /** Refuses new watches of a resource, which can still be listed. */
    void refuseWatches(String plural) {
        refusedWatches.add(plural);
    }

    /** Refuses reads of single objects. */
    void refuseGets(String plural) {
        refusedGets.add(plural);
    }

    /** Responds to reads of a path, with any query, with a failure such as 403. */
    void respond(String path, int code) {
        fixedResponses.put(path, FakeApiResponse.status(code, "Failure", "no answer to " + path));
    }

    /** Responds to reads of a path, with any query, with this body. */
    void respond(String path, String body) {
        fixedResponses.put(path, new FakeApiResponse(200, "application/json", body));
    }

    /** Responds to reads of a path normally again. */
    void respondNormally(String path) {
        fixedResponses.remove(path);
    }

    /** Ends the watches of a resource and refuses new ones with 503. */
    void interruptWatches(String plural) {
        withoutWatches.add(plural);
        endWatches(plural);
    }

    /** Ends the watches of a resource. */
    void endWatches(String plural) {
        Queue<BlockingQueue<String>> open = watches.remove(plural);
        if (open != null) {
            open.forEach(lines -> lines.add(END));
        }
    }

    /** Accepts watches again, after all previous versions have expired. */
    void expireVersions(String plural) {
        expired.add(plural);
        withoutWatches.remove(plural);
    }

    /** Adds an item, which may be malformed, to lists. */
    void addMalformedItem(String plural, String json) {
        malformedItems
                .computeIfAbsent(plural, key -> new ConcurrentLinkedQueue<>())
                .add(json);
    }

    /** Sends an event, which may be malformed, to the watches of a resource. */
    void sendEvent(String plural, String json) {
        watches.getOrDefault(plural, new ConcurrentLinkedQueue<>()).forEach(lines -> lines.add(json));
    }

    /** Sends a bookmark with the current version to the watches of a resource. */
    void sendBookmark(String plural) {
        objects.bookmark(plural);
    }

    /** The number of open watches of a resource. */
    int watches(String plural) {
        return watches.getOrDefault(plural, new ConcurrentLinkedQueue<>()).size();
    }

    /** Method, path, query and Accept header of each request, without requests of the test's own client. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        client.close();
        stop();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean fromTest = TEST_CLIENT.equals(exchange.getRequestHeaders().getFirst("User-Agent"));
            String path = exchange.getRequestURI().getPath();
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            String accept = String.valueOf(exchange.getRequestHeaders().getFirst("Accept"));
            if (!fromTest) {
                requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + accept);
            }
            FakeApiResponse known = fixedResponses.get(path);
            if (known != null && !fromTest) {
                known.send(exchange);
                return;
            }
            String only = token;
            if (only != null
                    && !fromTest
                    && !("Bearer " + only).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                FakeApiResponse.status(401, "Unauthorized", "Unauthorized").send(exchange);
                return;
            }
            FakeApiPath target = FakeApiPath.of(path);
            if (target == null) {
                FakeApiResponse.NOT_FOUND.send(exchange);
                return;
            }
            respond(exchange, target, query, accept, fromTest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server was closed
        }
    }

    private void respond(
            HttpExchange exchange, FakeApiPath path, Map<String, String> query, String accept, boolean fromTest)
            throws IOException, InterruptedException {
        if (path.plural().isEmpty()) {
            discovery(path).send(exchange);
            return;
        }
        FakeApiObjects.Resource resource =
                objects.resource(path.apiVersion(), path.plural()).orElse(null);
        if (resource == null) {
            boolean groupIsServed = !objects.group(path.apiVersion()).isEmpty();
            (groupIsServed
                            ? FakeApiResponse.status(404, "NotFound", "the server could not find the resource")
                            : FakeApiResponse.NOT_FOUND)
                    .send(exchange);
            return;
        }
        boolean isWatch =
                path.name().isEmpty() && query.getOrDefault("watch", "").equals("true");
        boolean isGet = exchange.getRequestMethod().equals("GET");
        String verb = isWatch ? "watch" : path.name().isEmpty() ? "list" : "get";
        if (!fromTest && isGet && refuses(verb, resource.plural())) {
            FakeApiResponse.forbidden(verb, resource.plural(), path.apiVersion(), path.namespace())
                    .send(exchange);
        } else if (isWatch) {
            watch(exchange, resource, path, query, accept);
        } else if (isGet && path.name().isEmpty()) {
            list(resource, path, query, accept).send(exchange);
        } else {
            FakeApiResponse.toObjectRequest(exchange, objects, resource, path, accept)
                    .send(exchange);
        }
    }

    private boolean refuses(String verb, String plural) {
        return switch (verb) {
            case "list" -> refused.contains(plural);
            case "watch" -> refused.contains(plural) || refusedWatches.contains(plural);
            default -> refusedGets.contains(plural);
        };
    }

    private FakeApiResponse discovery(FakeApiPath path) {
        List<FakeApiObjects.Resource> group = objects.group(path.apiVersion());
        if (group.isEmpty()) {
            return FakeApiResponse.NOT_FOUND;
        }
        ObjectNode list = JSON.createObjectNode();
        list.put("kind", "APIResourceList");
        list.put("apiVersion", "v1");
        list.put("groupVersion", path.apiVersion());
        ArrayNode resources = list.putArray("resources");
        for (FakeApiObjects.Resource resource : group) {
            resources
                    .addObject()
                    .put("name", resource.plural())
                    .put("singularName", "")
                    .put("namespaced", resource.namespaced())
                    .put("kind", resource.kind())
                    .putArray("verbs");
        }
        return new FakeApiResponse(200, "application/json", list.toString());
    }

    private FakeApiResponse list(
            FakeApiObjects.Resource resource, FakeApiPath path, Map<String, String> query, String accept) {
        boolean metadataOnly = accept.startsWith("application/json;as=PartialObjectMetadataList");
        List<ObjectNode> all = new ArrayList<>(objects.list(resource, path.namespace()));
        for (String item : malformedItems.getOrDefault(resource.plural(), new ConcurrentLinkedQueue<>())) {
            all.add((ObjectNode) JSON.readTree(item));
        }
        int from = Integer.parseInt(query.getOrDefault("continue", "0"));
        int limit = Integer.parseInt(query.getOrDefault("limit", "0"));
        int until = limit == 0 ? all.size() : Math.min(all.size(), from + limit);
        ObjectNode list = JSON.createObjectNode();
        list.put("kind", metadataOnly ? "PartialObjectMetadataList" : resource.kind() + "List");
        list.put("apiVersion", metadataOnly ? "meta.k8s.io/v1" : resource.apiVersion());
        ObjectNode metadata = list.putObject("metadata").put("resourceVersion", Long.toString(objects.version()));
        if (until < all.size()) {
            metadata.put("continue", Integer.toString(until)).put("remainingItemCount", all.size() - until);
        }
        List<ObjectNode> page = all.subList(from, until);
        if (metadataOnly && page.isEmpty()) {
            list.putNull("items");
        } else if (metadataOnly) {
            list.set(
                    "items",
                    FakeApiObjects.array(
                            page.stream().map(FakeApiObjects::metadataOf).toList()));
        } else {
            // As in a real API server, the items of a typed list (such as PodList) have no kind and no apiVersion.
            page.forEach(item -> item.remove(List.of("kind", "apiVersion")));
            list.set("items", FakeApiObjects.array(page));
        }
        return new FakeApiResponse(200, "application/json", list.toString());
    }

    private void watch(
            HttpExchange exchange,
            FakeApiObjects.Resource resource,
            FakeApiPath path,
            Map<String, String> query,
            String accept)
            throws IOException, InterruptedException {
        if (withoutWatches.contains(resource.plural())) {
            FakeApiResponse.status(503, "ServiceUnavailable", "no watches now").send(exchange);
            return;
        }
        boolean metadataOnly = accept.startsWith("application/json;as=PartialObjectMetadata;");
        boolean wrongForm = accept.startsWith("application/json;as=PartialObjectMetadataList");
        boolean bookmarks = query.getOrDefault("allowWatchBookmarks", "").equals("true");
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Runnable stop = () -> {};
        if (expired.remove(resource.plural())) {
            lines.add(FakeApiResponse.EXPIRED);
            lines.add(END);
        } else {
            long since = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
            stop = objects.watch(resource, path.namespace(), since, event -> {
                if (wrongForm) {
                    lines.add(END); // no event, because a real API server writes the reason only to its log
                } else if (bookmarks || !event.type().equals("BOOKMARK")) {
                    ObjectNode object = metadataOnly ? FakeApiObjects.metadataOf(event.object()) : event.object();
                    lines.add("{\"type\":\"" + event.type() + "\",\"object\":" + object + "}");
                }
            });
            watches.computeIfAbsent(resource.plural(), key -> new ConcurrentLinkedQueue<>())
                    .add(lines);
        }
        try {
            String last = !bookmarks || wrongForm ? "" : bookmark(resource, metadataOnly);
            send(exchange, lines, Long.parseLong(query.getOrDefault("timeoutSeconds", "3600")), last);
        } finally {
            stop.run();
            watches.getOrDefault(resource.plural(), new ConcurrentLinkedQueue<>())
                    .remove(lines);
        }
    }

    private String bookmark(FakeApiObjects.Resource resource, boolean metadataOnly) {
        ObjectNode object = objects.bookmarkOf(resource);
        return "{\"type\":\"BOOKMARK\",\"object\":" + (metadataOnly ? FakeApiObjects.metadataOf(object) : object) + "}";
    }

    /** @param last line to send before the watch times out; empty for none */
    private static void send(HttpExchange exchange, BlockingQueue<String> lines, long seconds, String last)
            throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        OutputStream body = exchange.getResponseBody();
        body.flush(); // sends the headers, so that the client knows that the watch is open
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null && !last.isEmpty()) {
                body.write((last + "\n").getBytes(StandardCharsets.UTF_8));
            }
            if (line == null || line.equals(END)) {
                return;
            }
            body.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            body.flush();
        }
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : raw == null ? new String[0] : raw.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        parameter.substring(0, equals),
                        URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }
}
