package io.natator.bench.topology;

import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Topic;
import io.natator.topology.TopologyApp;
import io.natator.topology.TopologyConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Runs one subject until standard input ends. Arguments: SUBJECT BOOTSTRAP PREFIX GROUP DIRECTORY THREADS. If the
 * subject is topology-streams, its HTTP port is printed first.
 */
final class SubjectMain {
    private SubjectMain() {}

    /** The arguments that follow SUBJECT. */
    private record Request(String bootstrapServers, String prefix, String group, Path directory, int threads) {}

    static void main(String[] arguments) throws Exception {
        var request = new Request(
                arguments[1], arguments[2], arguments[3], Path.of(arguments[4]), Integer.parseInt(arguments[5]));
        Subject subject = Subject.valueOf(arguments[0]);
        switch (subject) {
            case CONSUMER -> consume(request);
            case PASS_THROUGH -> {
                try (var streams = PassThrough.streams(
                        request.bootstrapServers(),
                        request.prefix(),
                        request.group(),
                        request.directory(),
                        request.threads())) {
                    streams.start();
                    awaitEnd();
                }
            }
            case TOPOLOGY, WITHOUT_ACTIVITY -> topology(request, subject);
        }
    }

    private static void topology(Request request, Subject subject) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "--bootstrap-servers=" + request.bootstrapServers(),
                "--topic-prefix=" + request.prefix(),
                "--application-id=" + request.group(),
                "--state-dir=" + request.directory(),
                "--threads=" + request.threads(),
                "--http-address=127.0.0.1",
                "--http-port=0"));
        if (subject == Subject.WITHOUT_ACTIVITY) {
            options.add("--activity=off");
        }
        try (var app = new TopologyApp(TopologyConfig.fromOptions(options.toArray(String[]::new)))) {
            app.start();
            System.out.println(app.httpPort());
            awaitEnd();
        }
    }

    private static void consume(Request request) throws IOException {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                request.bootstrapServers(),
                "group.id",
                request.group(),
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                "false");
        try (var consumer = new KafkaConsumer<>(
                settings,
                NatatorSerdes.fingerprint().deserializer(),
                NatatorSerdes.connectionSnapshot().deserializer())) {
            consumer.subscribe(List.of(Topic.CONNECTIONS.name(request.prefix())));
            while (System.in.available() == 0) {
                if (!consumer.poll(Duration.ofMillis(100)).isEmpty()) {
                    consumer.commitAsync();
                }
            }
        }
    }

    private static void awaitEnd() throws IOException {
        int read = System.in.read();
        if (read > 0) {
            System.err.println("stopping");
        }
    }
}
