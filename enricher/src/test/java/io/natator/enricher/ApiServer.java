package io.natator.enricher;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * fabric8's API server double in CRUD mode, with real lists in pages and real watches over WebSockets, and with what a
 * real one does on bad days: refuses, drops watches, has forgotten a resource version, is away.
 */
final class ApiServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final KubernetesMixedDispatcher crud = new KubernetesMixedDispatcher(new HashMap<>());
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Set<String> refusedWatches = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> answers = new ConcurrentHashMap<>();
    private final Set<String> withoutWatches = ConcurrentHashMap.newKeySet();
    private final Set<String> expired = ConcurrentHashMap.newKeySet();
    private final Map<String, Queue<String>> oddItems = new ConcurrentHashMap<>();
    private final Map<String, Queue<WebSocket>> watches = new ConcurrentHashMap<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> ended = new ConcurrentLinkedQueue<>();
    private final int port;
    private final KubernetesClient client;
    private @Nullable MockWebServer server;

    ApiServer() {
        MockWebServer first = serve(0);
        server = first;
        port = first.getPort();
        client = new KubernetesClientBuilder().withConfig(access()).build();
    }

    private MockWebServer serve(int onPort) {
        var web = new MockWebServer();
        web.setDispatcher(new Moody());
        web.start(InetAddress.getLoopbackAddress(), onPort);
        return web;
    }

    Config access() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port + "/")
                .withNamespace("natator")
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectInterval(100)
                .build();
    }

    /** For tests to put the cluster's objects with. */
    KubernetesClient client() {
        return client;
    }

    /** Nobody listens any more. */
    void goAway() {
        if (server != null) {
            server.shutdown();
            server = null;
        }
    }

    /** Listens again, with the objects as they were. */
    void comeBack() {
        server = serve(port);
    }

    void refuse(String plural) {
        refused.add(plural);
    }

    void allow(String plural) {
        refused.remove(plural);
        refusedWatches.remove(plural);
    }

    /** Refuses new watches of a resource; it can still be listed. */
    void refuseWatches(String plural) {
        refusedWatches.add(plural);
    }

    /** Answers reads of a path by a failure, such as 403. */
    void answer(String path, int code) {
        answers.put(path, code);
    }

    /** Answers reads of a path as it should. */
    void answer(String path) {
        answers.remove(path);
    }

    /** Ends the watches of a resource, and accepts no new ones. */
    void interruptWatches(String plural) {
        withoutWatches.add(plural);
        endWatches(plural);
    }

    /** Ends the watches of a resource. */
    void endWatches(String plural) {
        Queue<WebSocket> open = watches.remove(plural);
        if (open != null) {
            open.forEach(socket -> socket.close(1001, "going away"));
        }
    }

    /** Accepts watches again, but has forgotten every version they could resume from. */
    void forgetVersions(String plural) {
        expired.add(plural);
        withoutWatches.remove(plural);
    }

    /** Puts an item into lists as it is, however odd. */
    void addOddItem(String plural, String json) {
        oddItems.computeIfAbsent(plural, key -> new ConcurrentLinkedQueue<>()).add(json);
    }

    /** Sends an event to the watches of a resource as it is, however odd. */
    void sendEvent(String plural, String json) {
        Queue<WebSocket> open = watches.get(plural);
        if (open != null) {
            open.forEach(socket -> socket.send(json));
        }
    }

    /** The paths and Accept headers of what was asked. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        client.close();
        goAway();
        ended.forEach(Thread::startVirtualThread);
    }

    private final class Moody extends Dispatcher {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
            String path = request.getPath();
            requests.add(request.getMethod() + " " + path + " " + request.getHeader("Accept"));
            boolean fromTest = !path.contains("limit=") && !path.contains("watch=true");
            String plural = pluralOf(path);
            if (answers.containsKey(path)) {
                return status(answers.getOrDefault(path, 500), "Failure", "no answer to " + path);
            }
            boolean isWatch = path.contains("watch=true");
            if (!fromTest && (refused.contains(plural) || (isWatch && refusedWatches.contains(plural)))) {
                return status(
                        403,
                        "Forbidden",
                        plural + " is forbidden: User \"enricher\" cannot " + (isWatch ? "watch" : "list")
                                + " resource \"" + plural + "\" at the cluster scope");
            }
            if (isWatch) {
                return watch(request, plural);
            }
            MockResponse response = crud.dispatch(request);
            return fromTest ? response : page(response, path, plural);
        }

        private MockResponse watch(RecordedRequest request, String plural) {
            if (withoutWatches.contains(plural)) {
                return status(503, "ServiceUnavailable", "no watches now");
            }
            if (expired.remove(plural)) {
                return new MockResponse().withWebSocketUpgrade(new Gone());
            }
            MockResponse response = crud.dispatch(request);
            WebSocketListener listener = response.getWebSocketListener();
            return listener == null
                    ? response
                    : new MockResponse().withWebSocketUpgrade(new Remembering(plural, listener));
        }

        private MockResponse page(MockResponse response, String path, String plural) {
            if (response.getBody() == null) {
                return response;
            }
            JsonNode body = JSON.readTree(new String(response.getBody().getBytes(), StandardCharsets.UTF_8));
            if (!(body instanceof ObjectNode list) || !(list.get("items") instanceof ArrayNode items)) {
                return response;
            }
            for (String odd : oddItems.getOrDefault(plural, new ConcurrentLinkedQueue<>())) {
                items.add(JSON.readTree(odd));
            }
            int limit = Integer.parseInt(parameter(path, "limit", "500"));
            int from = Integer.parseInt(parameter(path, "continue", "0"));
            ArrayNode page = JSON.createArrayNode();
            for (int i = from; i < Math.min(items.size(), from + limit); i++) {
                page.add(items.get(i));
            }
            list.set("items", page);
            if (from + limit < items.size() && list.get("metadata") instanceof ObjectNode metadata) {
                metadata.put("continue", Integer.toString(from + limit));
            }
            return new MockResponse().setResponseCode(200).setBody(list.toString());
        }
    }

    private static String parameter(String path, String name, String otherwise) {
        int start = path.indexOf(name + "=");
        if (start < 0) {
            return otherwise;
        }
        int end = path.indexOf('&', start);
        String value = path.substring(start + name.length() + 1, end < 0 ? path.length() : end);
        return URLDecoder.decode(value, StandardCharsets.UTF_8);
    }

    private static String pluralOf(String path) {
        int query = path.indexOf('?');
        String plain = query < 0 ? path : path.substring(0, query);
        return plain.substring(plain.lastIndexOf('/') + 1);
    }

    private static MockResponse status(int code, String reason, String message) {
        return new MockResponse()
                .setResponseCode(code)
                .setBody("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":" + code
                        + ",\"reason\":\"" + reason + "\",\"message\":\"" + message.replace("\"", "\\\"") + "\"}");
    }

    /** A watch from a version that is too old. */
    private static final class Gone extends WebSocketListener {
        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send(
                    "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                            + "\"code\":410,\"reason\":\"Expired\",\"message\":\"too old resource version\"}}");
        }
    }

    /** A watch whose socket is kept at hand. */
    private final class Remembering extends WebSocketListener {
        private final String plural;
        private final WebSocketListener inner;

        Remembering(String plural, WebSocketListener inner) {
            this.plural = plural;
            this.inner = inner;
        }

        @Override
        public void onOpen(WebSocket socket, Response response) {
            watches.computeIfAbsent(plural, key -> new ConcurrentLinkedQueue<>())
                    .add(socket);
            inner.onOpen(socket, response);
        }

        @Override
        public void onMessage(WebSocket socket, String text) {
            inner.onMessage(socket, text);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            inner.onClosing(socket, code, reason);
        }

        /**
         * The double is told only when it is closed itself: it would wait here, on the thread that is to send it, for
         * what it is just sending, and in the meantime refuse to answer whoever changes an object.
         */
        @Override
        public void onClosed(WebSocket socket, int code, String reason) {
            ended.add(() -> inner.onClosed(socket, code, reason));
        }

        @Override
        public void onFailure(WebSocket socket, Throwable thrown, Response response) {
            ended.add(() -> inner.onFailure(socket, thrown, response));
        }
    }
}
