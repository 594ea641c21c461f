package io.natator.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Checks the ports of the pipeline before a part needs them. */
final class LocalPorts {
    private LocalPorts() {}

    /**
     * Checks the ports of all parts that will run.
     *
     * @param enricher true if the enricher will run
     * @throws StartException if a port is in use
     */
    static void check(LocalConfig config, boolean enricher) {
        if (config.kafka().bootstrapServers().isEmpty()) {
            free(config.kafka().port(), "--kafka-port");
        }
        free(config.ports().topology(), "--http-port");
        free(config.ports().collector(), "--collector-http-port");
        if (enricher) {
            free(config.ports().enricher(), "--enricher-http-port");
        }
    }

    /**
     * Checks that a port of localhost is free.
     *
     * @param wanted the port; 0 for any free port
     * @param option the option that sets the port
     * @return the port
     * @throws StartException if the port is in use
     */
    static int free(int wanted, String option) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new StartException(
                    "port " + wanted + " is taken: " + e.getMessage()
                            + ": stop what listens there or choose another with " + option,
                    e);
        }
    }
}
