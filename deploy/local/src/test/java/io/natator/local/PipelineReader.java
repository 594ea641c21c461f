package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.schemas.broker.TopicRecords;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the pipeline's output as users do: by scrapes, the API, and a consumer that has only the schemas library. */
final class PipelineReader {
    /**
     * The class path of the consumer: the schemas library and its dependencies, without the rest of the test's class
     * path.
     */
    private static final List<String> CONSUMER_CLASS_PATH = List.of(
            "schemas/target/",
            "natator-schemas-",
            "/kafka-clients-",
            "/avro-1",
            "/jackson-core-2",
            "/jackson-databind-2",
            "/jackson-annotations-2",
            "/commons-compress-",
            "/commons-io-",
            "/commons-codec-",
            "/commons-lang3-",
            "/slf4j-api-");

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final String address;
    private final String bootstrapServers;

    PipelineReader(int httpPort, String bootstrapServers) {
        address = "http://localhost:" + httpPort;
        this.bootstrapServers = bootstrapServers;
    }

    /** Waits until topology-streams of a pipeline runs. It is possible that no connection was reported yet. */
    static PipelineReader ofRunning(LocalPipeline pipeline) {
        var reader = new PipelineReader(pipeline.httpPort(), pipeline.bootstrapServers());
        await("data is flowing")
                .atMost(START_TIMEOUT)
                .untilAsserted(
                        () -> assertThat(reader.get("/readyz").body()).containsAnyOf("ok", "no connection snapshot"));
        return reader;
    }

    HttpResponse<String> get(String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create(address + path)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError("GET " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    Exposition scrape() {
        return Exposition.parse(get("/metrics").body());
    }

    /** The sum of the payload bytes of all links in {@code /metrics}. */
    long bytes() {
        return scrape().sum("natator_link_bytes_total", Map.of());
    }

    /** The totals of a link in {@code /metrics}. */
    TrafficTotals scraped(String client, String server, int port) {
        return scraped(Map.of("client_name", client, "server_name", server, "server_port", Integer.toString(port)));
    }

    /** The summed totals of the links in {@code /metrics} that have these labels. */
    TrafficTotals scraped(Map<String, String> link) {
        Exposition exposition = scrape();
        return new TrafficTotals(
                exposition.sum("natator_link_bytes_total", with(link, "direction", "to_server")),
                exposition.sum("natator_link_bytes_total", with(link, "direction", "to_client")),
                exposition.sum("natator_link_connections_total", link));
    }

    /** The totals of a link in the topic of links, read by a program that has only the schemas library. */
    TrafficTotals consumed(String client, String server, int port) {
        return printLinks().stream()
                .map(line -> line.split("\t"))
                .filter(fields -> fields[0].endsWith("/" + client)
                        && fields[1].endsWith("/" + server)
                        && fields[2].equals(Integer.toString(port)))
                .map(fields -> new TrafficTotals(
                        Long.parseLong(fields[3]), Long.parseLong(fields[4]), Long.parseLong(fields[5])))
                .reduce(TrafficTotals.NONE, TrafficTotals::plus);
    }

    /** The keys in the topic of identities. */
    Set<String> identityKeys() {
        return TopicRecords.read(
                        bootstrapServers, "natator.identities", new StringDeserializer(), new ByteArrayDeserializer())
                .stream()
                .map(ConsumerRecord::key)
                .collect(Collectors.toSet());
    }

    private List<String> printLinks() {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(entry -> CONSUMER_CLASS_PATH.stream().anyMatch((entry + "/")::contains))
                .collect(Collectors.joining(":"));
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            classPath,
                            "../../schemas/examples/PrintLinks.java",
                            bootstrapServers)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("PrintLinks ended with " + process.exitValue());
            }
            return output.lines().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> with(Map<String, String> labels, String name, String value) {
        return java.util.stream.Stream.concat(
                        labels.entrySet().stream(), java.util.stream.Stream.of(Map.entry(name, value)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
