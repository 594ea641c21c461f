package io.natator.topology.query;

import io.natator.http.HttpSettings;
import io.natator.http.PeerClient;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Queries all other instances of the topology at the same time, and waits a limited time for their replies.
 * Thread-safe.
 */
public final class OtherInstances implements AutoCloseable {
    /** Path at which an instance answers the queries of the other instances. */
    public static final String PATH = "/internal/links";

    /** Maximum time to connect to another instance. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /** Maximum time that a query waits for the replies of all other instances together. */
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(5);

    private final PeerClient client;
    private final Supplier<List<URI>> others;
    private final Duration timeout;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Creates a client for the other instances.
     *
     * @param settings the HTTP settings of this instance; the other instances must have the same TLS and access control
     * @param others addresses of the other instances: scheme, host and port
     * @throws IOException if the certificate or the key of the settings cannot be read
     */
    public OtherInstances(HttpSettings settings, Supplier<List<URI>> others) throws IOException {
        this(new PeerClient(settings, CONNECT_TIMEOUT), others, REPLY_TIMEOUT);
    }

    /**
     * Creates a client with another timeout.
     *
     * @param client closed with this object
     * @param others addresses of the other instances: scheme, host and port
     * @param timeout maximum time to wait for the replies of all other instances together
     */
    OtherInstances(PeerClient client, Supplier<List<URI>> others, Duration timeout) {
        this.client = client;
        this.others = others;
        this.timeout = timeout;
    }

    /**
     * The replies of the other instances.
     *
     * @param partitions the partitions of all instances that answered
     * @param unreachable one line for each instance that did not answer
     */
    record Replies(List<PartitionLinks> partitions, List<String> unreachable) {}

    Replies ask(LinkQuery query) {
        Map<URI, Future<List<PartitionLinks>>> asked = new LinkedHashMap<>();
        for (URI other : others.get()) {
            asked.put(other, threads.submit(() -> ask(other, query)));
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        List<PartitionLinks> partitions = new ArrayList<>();
        List<String> unreachable = new ArrayList<>();
        asked.forEach((other, answer) -> {
            try {
                partitions.addAll(answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (ExecutionException e) {
                unreachable.add(other.getAuthority() + " does not answer: " + reason(e));
            } catch (TimeoutException e) {
                answer.cancel(true);
                unreachable.add(other.getAuthority() + " does not answer within " + timeout.toMillis() + " ms");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                unreachable.add(other.getAuthority() + " was not waited for");
            }
        });
        return new Replies(partitions, unreachable);
    }

    private List<PartitionLinks> ask(URI other, LinkQuery query) throws IOException, InterruptedException {
        URI uri = other.resolve(PATH + (query.raw().isEmpty() ? "" : "?" + query.raw()));
        HttpRequest request = client.request(uri).timeout(timeout).build();
        HttpResponse<InputStream> response = client.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (var in = new DataInputStream(new BufferedInputStream(response.body()))) {
            if (response.statusCode() != 200) {
                throw new IOException("it answers " + response.statusCode());
            }
            return PartitionLinks.read(in);
        }
    }

    private static String reason(ExecutionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        client.close();
    }
}
