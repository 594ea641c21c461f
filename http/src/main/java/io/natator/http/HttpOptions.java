package io.natator.http;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that the HTTP server of every service has, as a picocli mixin. {@code --http-port} is not among them,
 * because its default differs, see {@link DefaultHttpPorts}.
 */
public final class HttpOptions {
    /** The help text of {@code --http-port}, which is the same for all services. */
    public static final String PORT = "Port of the HTTP server; 0 for any free port (default: ${DEFAULT-VALUE}).";

    @Option(
            names = "--http-address",
            paramLabel = "ADDRESS",
            defaultValue = "0.0.0.0",
            description = "Address of the HTTP server (default: ${DEFAULT-VALUE}).")
    private String address = "";

    @Option(
            names = "--http-tls-certificate",
            paramLabel = "CERTIFICATE-FILE",
            description =
                    "Serves HTTPS with this certificate chain in PEM; needs --http-tls-key. A changed file is read"
                            + " again.")
    private @Nullable Path certificate;

    @Option(
            names = "--http-tls-key",
            paramLabel = "KEY-FILE",
            description = "Private key of the certificate in PEM, PKCS#8; needs --http-tls-certificate.")
    private @Nullable Path key;

    @Option(
            names = "--http-client-ca",
            paramLabel = "CERTIFICATE-FILE",
            description = "Admits clients with a certificate of these authorities, in PEM; needs"
                    + " --http-tls-certificate.")
    private @Nullable Path clientCa;

    @Option(
            names = "--http-token-file",
            paramLabel = "TOKEN-FILE",
            description = "Admits clients that present one of the file's tokens (one per line) as bearer token or as"
                    + " password. A changed file is read again.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--http-allowed-hosts",
            paramLabel = "NAME",
            split = ",",
            description = "Public host names that browsers may use for this server, such as that of an ingress.")
    private @Nullable List<String> allowedHosts;

    /**
     * The settings that the options describe.
     *
     * @param problems receives one line for each problem
     */
    public HttpSettings settings(int port, List<String> problems) {
        Optional<HttpSettings.Tls> tls = Optional.empty();
        if (certificate != null && key != null) {
            tls = Optional.of(new HttpSettings.Tls(certificate, key));
        } else if (certificate != null || key != null) {
            problems.add("--http-tls-certificate and --http-tls-key: one without the other has no effect: give both");
        }
        return new HttpSettings(
                address,
                port,
                tls,
                Optional.ofNullable(clientCa),
                Optional.ofNullable(tokenFile),
                allowedHosts == null ? List.of() : allowedHosts);
    }
}
