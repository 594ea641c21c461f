package io.natator.local;

import java.util.stream.Stream;

/** Creates configurations of pipelines for tests. */
public final class LocalConfigs {
    private LocalConfigs() {}

    /** Creates a configuration from options of {@code deploy/local/up}, with free HTTP ports. */
    public static LocalConfig onFreePorts(String... options) {
        return LocalConfig.fromOptions(Stream.concat(
                        Stream.of("--http-port=0", "--collector-http-port=0", "--enricher-http-port=0"),
                        Stream.of(options))
                .toArray(String[]::new));
    }
}
