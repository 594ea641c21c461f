package io.natator.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What runs on this machine, and where.
 *
 * @param bootstrapServers a Kafka that runs already; null for the embedded broker
 * @param kafkaPort of the embedded broker, 0 for any free one
 * @param dataDirectory holds the broker's data and the Streams state; made where missing
 * @param topicPrefix put before every topic's name
 * @param httpPort of topology-streams, 0 for any free one
 * @param collectorHttpPort of the collector, 0 for any free one
 * @param enricherHttpPort of the enricher, 0 for any free one
 * @param kubernetes whether the enricher runs where a cluster is configured
 * @param kubeconfig file that names the cluster; null for what is found
 * @param loopback whether connections over loopback are shown
 */
public record LocalConfig(
        @Nullable String bootstrapServers,
        int kafkaPort,
        Path dataDirectory,
        String topicPrefix,
        int httpPort,
        int collectorHttpPort,
        int enricherHttpPort,
        boolean kubernetes,
        @Nullable Path kubeconfig,
        boolean loopback) {}
