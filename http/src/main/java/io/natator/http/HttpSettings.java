package io.natator.http;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a service answers HTTP, and to whom.
 *
 * @param address what it binds to
 * @param port 0 for any that is free
 * @param tls how it proves who it is; empty for plain HTTP
 * @param clientCa PEM certificates of those whose clients may read; needs TLS
 * @param tokenFile tokens whose bearers may read, one a line
 * @param allowedHosts names it may be called by beside those that no public DNS gives, see {@link KnownHosts}
 */
public record HttpSettings(
        String address,
        int port,
        Optional<Tls> tls,
        Optional<Path> clientCa,
        Optional<Path> tokenFile,
        List<String> allowedHosts) {
    private static final int MAX_PORT = 65_535;

    /**
     * A certificate and its key, read again when they change.
     *
     * @param certificate PEM, the own one first, then those that lead to its authority
     * @param key PEM, PKCS#8, not encrypted
     */
    public record Tls(Path certificate, Path key) {}

    /** Copies the names. */
    public HttpSettings {
        allowedHosts = List.copyOf(allowedHosts);
    }

    /** Plain HTTP, for everyone who reaches it. */
    public static HttpSettings open(String address, int port) {
        return new HttpSettings(address, port, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    /** The same at another port. */
    public HttpSettings withPort(int other) {
        return new HttpSettings(address, other, tls, clientCa, tokenFile, allowedHosts);
    }

    /** {@code http} or {@code https}. */
    public String scheme() {
        return tls.isPresent() ? "https" : "http";
    }

    /** Whether a reader has to say who it is. */
    public boolean authenticates() {
        return clientCa.isPresent() || tokenFile.isPresent();
    }

    /** What is wrong, also with the files, one line each; empty if nothing is. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (port < 0 || port > MAX_PORT) {
            problems.add("--http-port " + port + " is no port: 0 (any free) to " + MAX_PORT);
        }
        tls.ifPresent(files -> check(problems, () -> ServerTls.keys(files)));
        clientCa.ifPresent(file -> {
            if (tls.isEmpty()) {
                problems.add("--http-client-ca needs TLS: give --http-tls-certificate and --http-tls-key too");
            }
            check(problems, () -> ServerTls.authorities(file));
        });
        tokenFile.ifPresent(file -> check(problems, () -> Tokens.of(file)));
        return problems;
    }

    private interface Check {
        Object run() throws IOException;
    }

    private static void check(List<String> problems, Check check) {
        try {
            check.run();
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }
}
