package io.natator.http;

/**
 * The default of {@code --http-port} of each service. The ports differ, so that all services can run on one host. The
 * constants are text because picocli declares defaults as text.
 */
public final class DefaultHttpPorts {
    public static final String TOPOLOGY = "7117";
    public static final String COLLECTOR = "7118";
    public static final String ENRICHER = "7119";

    private DefaultHttpPorts() {}
}
