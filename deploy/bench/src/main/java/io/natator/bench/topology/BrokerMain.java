package io.natator.bench.topology;

import io.natator.local.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Path;

/** Runs an embedded broker until standard input ends. Argument: DIRECTORY. First prints the broker's address. */
final class BrokerMain {
    private BrokerMain() {}

    static void main(String[] arguments) throws IOException {
        try (var kafka = EmbeddedKafka.start(Path.of(arguments[0]), 0)) {
            System.out.println(kafka.bootstrapServers());
            int read = System.in.read();
            if (read > 0) {
                System.err.println("stopping");
            }
        }
    }
}
