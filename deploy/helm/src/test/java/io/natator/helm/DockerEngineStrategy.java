package io.natator.helm;

import java.net.URI;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.TransportConfig;

/**
 * Makes Testcontainers use the tests' {@link DockerEngine}. Testcontainers finds this class by {@link
 * java.util.ServiceLoader}.
 */
public final class DockerEngineStrategy extends DockerClientProviderStrategy {
    private static volatile String host = "";

    /** @param dockerHost URL of the engine that runs all containers from now on: {@code unix://…} */
    static void use(String dockerHost) {
        host = dockerHost;
    }

    @Override
    public String getDescription() {
        return "the tests' own Docker engine";
    }

    @Override
    protected boolean isApplicable() {
        return !host.isEmpty();
    }

    @Override
    protected boolean isPersistable() {
        return false;
    }

    @Override
    protected int getPriority() {
        return Integer.MAX_VALUE;
    }

    @Override
    public TransportConfig getTransportConfig() {
        return TransportConfig.builder().dockerHost(URI.create(host)).build();
    }
}
