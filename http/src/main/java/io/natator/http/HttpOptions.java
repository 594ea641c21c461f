package io.natator.http;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that the HTTP sides of all services have; the port is each one's own. Mix them in. */
public final class HttpOptions {
    @Option(
            names = "--http-address",
            paramLabel = "ADDRESS",
            defaultValue = "${env:NATATOR_HTTP_ADDRESS:-0.0.0.0}",
            description = "Address that HTTP is served on (NATATOR_HTTP_ADDRESS; default: 0.0.0.0).")
    private String address = "0.0.0.0";

    @Option(
            names = "--http-tls-certificate",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_HTTP_TLS_CERTIFICATE}",
            description = "Serve HTTPS with this certificate and what leads to its authority, in PEM; read again when"
                    + " it changes (NATATOR_HTTP_TLS_CERTIFICATE).")
    private @Nullable Path certificate;

    @Option(
            names = "--http-tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_HTTP_TLS_KEY}",
            description = "Its key: PEM, PKCS#8 (NATATOR_HTTP_TLS_KEY).")
    private @Nullable Path key;

    @Option(
            names = "--http-client-ca",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_HTTP_CLIENT_CA}",
            description = "Answer those who have a certificate of these authorities, PEM (NATATOR_HTTP_CLIENT_CA).")
    private @Nullable Path clientCa;

    @Option(
            names = "--http-token-file",
            paramLabel = "FILE",
            defaultValue = "${env:NATATOR_HTTP_TOKEN_FILE}",
            description = "Answer those who give one of these tokens, one a line, as a bearer or as the password of any"
                    + " user; read again when it changes (NATATOR_HTTP_TOKEN_FILE).")
    private @Nullable Path tokenFile;

    @Option(
            names = "--http-allowed-hosts",
            paramLabel = "NAME,…",
            split = ",",
            defaultValue = "${env:NATATOR_HTTP_ALLOWED_HOSTS}",
            description = "Public names that browsers may call it by, such as an ingress's"
                    + " (NATATOR_HTTP_ALLOWED_HOSTS).")
    private @Nullable List<String> allowedHosts;

    /**
     * The settings.
     *
     * @param problems gets what is wrong, one line each
     */
    public HttpSettings settings(int port, List<String> problems) {
        Optional<HttpSettings.Tls> tls = Optional.empty();
        if (certificate != null && key != null) {
            tls = Optional.of(new HttpSettings.Tls(certificate, key));
        } else if (certificate != null || key != null) {
            problems.add("--http-tls-certificate and --http-tls-key: one without the other is of no use: give both");
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
