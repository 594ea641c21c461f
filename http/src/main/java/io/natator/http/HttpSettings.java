package io.natator.http;

import io.natator.http.command.Problems;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Address and access control of a service's HTTP server.
 *
 * @param address the address to bind
 * @param port the port to bind; 0 for any free port
 * @param tls certificate and key of the server; empty for plain HTTP
 * @param clientCa file with the certificates, in PEM, of the authorities whose clients are admitted; needs {@code tls}
 * @param tokenFile file with the tokens that are admitted, one per line
 * @param allowedHosts public host names of this server; private names are always allowed, see {@link KnownHosts}
 */
public record HttpSettings(
        String address,
        int port,
        Optional<Tls> tls,
        Optional<Path> clientCa,
        Optional<Path> tokenFile,
        List<String> allowedHosts) {
    /**
     * A certificate and its key. If a file changes, the server reads it again.
     *
     * @param certificate PEM file with the server's certificate first, followed by the certificates of its chain
     * @param key PEM file with the key in PKCS#8, not encrypted
     */
    public record Tls(Path certificate, Path key) {}

    public HttpSettings {
        allowedHosts = List.copyOf(allowedHosts);
    }

    /** Settings for plain HTTP without authentication. */
    public static HttpSettings open(String address, int port) {
        return new HttpSettings(address, port, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    /** The same settings with another port. */
    public HttpSettings withPort(int other) {
        return new HttpSettings(address, other, tls, clientCa, tokenFile, allowedHosts);
    }

    /** The scheme of the server's URLs: {@code http} or {@code https}. */
    public String scheme() {
        return tls.isPresent() ? "https" : "http";
    }

    /** Whether clients have to authenticate. */
    public boolean authenticates() {
        return clientCa.isPresent() || tokenFile.isPresent();
    }

    /** All problems of the settings and of the files that they name, one line each; empty if there are none. */
    public List<String> problems() {
        var problems = new Problems();
        problems.port("--http-port", port);
        tls.ifPresent(files -> check(problems, () -> TlsContexts.keys(files)));
        clientCa.ifPresent(file -> {
            if (tls.isEmpty()) {
                problems.add("--http-client-ca needs TLS: give --http-tls-certificate and --http-tls-key too");
            }
            check(problems, () -> TlsContexts.authorities(file));
        });
        tokenFile.ifPresent(file -> check(problems, () -> Tokens.of(file)));
        return problems.list();
    }

    private interface Check {
        Object run() throws IOException;
    }

    private static void check(Problems problems, Check check) {
        try {
            check.run();
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }
}
