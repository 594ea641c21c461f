package io.natator.enricher.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;

/** A connection to a cluster's API server. Thread-safe. */
public final class ClusterConnection implements AutoCloseable {
    private final KubernetesClient client;
    private final Credentials credentials;

    ClusterConnection(Config config, Credentials credentials) {
        this.credentials = credentials;
        var builder = new KubernetesClientBuilder().withConfig(config);
        if (credentials.hasToken()) {
            builder = builder.withHttpClientBuilderConsumer(
                    http -> http.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, credentials));
        }
        client = builder.build();
    }

    KubernetesClient client() {
        return client;
    }

    /** Describes where the credentials come from, and when they expire if that is known. */
    String credentials() {
        return credentials.description();
    }

    @Override
    public void close() {
        client.close();
    }
}
