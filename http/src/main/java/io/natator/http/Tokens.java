package io.natator.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The admitted tokens. Stored as digests, so that a comparison takes the same time for every input. */
final class Tokens {
    private static final int SHORTEST = 16;

    private final List<byte[]> digests;

    private Tokens(List<byte[]> digests) {
        this.digests = digests;
    }

    /**
     * Reads a file of tokens, one per line. During a rotation it has the old and the new one.
     *
     * @throws IOException with one line for a person
     */
    static Tokens of(Path file) throws IOException {
        List<String> tokens = read(file);
        if (tokens.isEmpty()) {
            throw new IOException("--http-token-file: " + file + " has no token: write one per line");
        }
        if (tokens.stream().anyMatch(token -> token.length() < SHORTEST)) {
            throw new IOException("--http-token-file: a token in " + file + " is too short to be safe: use at least "
                    + SHORTEST + " characters");
        }
        return new Tokens(tokens.stream().map(Tokens::digest).toList());
    }

    /** The first token of a file, for a client. */
    static Optional<String> first(Path file) throws IOException {
        return read(file).stream().findFirst();
    }

    private static List<String> read(Path file) throws IOException {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            // No exception of this call contains a part of the file.
            throw new IOException("--http-token-file: cannot read " + file + ": " + e, e);
        }
    }

    /**
     * Whether an Authorization header has one of the tokens: {@code Bearer TOKEN}, or {@code Basic} with any user and the
     * token as the password, for which browsers prompt (RFC 6750, RFC 7617).
     */
    boolean admit(@Nullable String authorization) {
        return authorization != null
                && presented(authorization).filter(this::has).isPresent();
    }

    private boolean has(String token) {
        byte[] digest = digest(token);
        boolean found = false;
        for (byte[] known : digests) {
            found |= MessageDigest.isEqual(known, digest);
        }
        return found;
    }

    private static Optional<String> presented(String authorization) {
        int space = authorization.indexOf(' ');
        String scheme = space < 0 ? authorization : authorization.substring(0, space);
        String credentials = authorization.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Bearer")) {
            return Optional.of(credentials);
        }
        return scheme.equalsIgnoreCase("Basic") ? password(credentials) : Optional.empty();
    }

    private static Optional<String> password(String credentials) {
        try {
            String pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
