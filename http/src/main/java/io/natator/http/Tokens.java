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

/**
 * The tokens with which clients are admitted. They are stored as digests, so that a comparison takes the same time for
 * every input, and its duration reveals nothing about a token.
 */
final class Tokens {
    private static final int SHORTEST = 16;

    private final List<byte[]> digests;

    private Tokens(List<byte[]> digests) {
        this.digests = digests;
    }

    /**
     * Reads a file of tokens, one per line. During a rotation the file contains the old and the new token.
     *
     * @throws IOException if the file cannot be read; the message is one line for a person
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

    /** Reads the first token of a file, which an instance sends to other instances to authenticate. */
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
            // The exception is safe to log as the cause: it never contains a part of the file.
            throw new IOException("--http-token-file: cannot read " + file + ": " + e, e);
        }
    }

    /**
     * Whether an Authorization header contains one of the tokens, as {@code Bearer TOKEN} (RFC 6750), or as the
     * password of {@code Basic} with any user name (RFC 7617). Browsers prompt for the latter.
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
