package io.natator.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads certificates and keys from PEM files (RFC 7468). Errors name the option and the file, never the content. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private Pem() {}

    /** Reads all certificates of a file, in the order of the file. Fails if the file has none. */
    static List<X509Certificate> certificates(String option, Path file) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(text(option, file));
        while (blocks.find()) {
            if (blocks.group(1).equals("CERTIFICATE")) {
                try {
                    found.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(decoded(blocks.group(2)))));
                } catch (CertificateException | IllegalArgumentException e) {
                    throw unusable(option, file, "a certificate in it is broken", "write it again", e);
                }
            }
        }
        if (found.isEmpty()) {
            throw unusable(option, file, "it has no certificate", "it takes PEM, 'BEGIN CERTIFICATE'", null);
        }
        return found;
    }

    /** Reads the first private key of a file. The key's algorithm has to be that of the certificate. */
    static PrivateKey key(String option, Path file, String algorithm) throws IOException {
        Matcher blocks = BLOCK.matcher(text(option, file));
        while (blocks.find()) {
            if (blocks.group(1).equals("PRIVATE KEY")) {
                try {
                    return KeyFactory.getInstance(algorithm)
                            .generatePrivate(new PKCS8EncodedKeySpec(decoded(blocks.group(2))));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    throw unusable(option, file, "its key is not for the certificate", "give both of one pair", null);
                }
            }
            if (blocks.group(1).endsWith("PRIVATE KEY")) {
                throw unusable(
                        option,
                        file,
                        "'BEGIN " + blocks.group(1) + "' is not PKCS#8, or encrypted",
                        "convert it with 'openssl pkcs8 -topk8 -nocrypt', or set 'privateKey: {encoding: PKCS8}' in cert-manager",
                        null);
            }
        }
        throw unusable(option, file, "it has no private key", "it takes PEM, 'BEGIN PRIVATE KEY'", null);
    }

    private static String text(String option, Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unusable(option, file, e.toString(), "give a readable PEM file", e);
        }
    }

    private static byte[] decoded(String base64) {
        return Base64.getMimeDecoder().decode(base64);
    }

    static IOException unusable(String option, Path file, String why, String todo, @Nullable Exception cause) {
        return new IOException(option + ": cannot use " + file + ": " + why + ": " + todo, cause);
    }
}
