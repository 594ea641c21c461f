package io.natator.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of the pipeline on this machine.
 *
 * @param bootstrapServers an existing Kafka cluster; null for the embedded broker
 * @param dataDirectory for the broker's data and the Streams state; created if missing
 * @param topicPrefix start of every topic's name
 * @param kubernetes whether the enricher runs if a cluster is configured
 * @param kubeconfig file that names the cluster; null for the usual places
 * @param loopback whether connections over loopback are shown
 */
public record LocalConfig(
        @Nullable String bootstrapServers,
        Path dataDirectory,
        String topicPrefix,
        Ports ports,
        boolean kubernetes,
        @Nullable Path kubeconfig,
        boolean loopback) {
    /**
     * The ports on localhost; 0 for any free port.
     *
     * @param kafka of the embedded broker
     * @param topology of topology-streams' HTTP
     * @param collector of the collector's HTTP
     * @param enricher of the enricher's HTTP
     */
    public record Ports(int kafka, int topology, int collector, int enricher) {
        /** Any free ports. */
        public static final Ports FREE = new Ports(0, 0, 0, 0);
    }
}
