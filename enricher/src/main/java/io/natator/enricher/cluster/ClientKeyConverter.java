package io.natator.enricher.cluster;

import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts the private key of a kubeconfig to PKCS#8, which fabric8 reads reliably, and sets the key's algorithm.
 * Kubeconfigs contain PKCS#8 ({@code PRIVATE KEY}), PKCS#1 ({@code RSA PRIVATE KEY}) or SEC 1 ({@code EC PRIVATE KEY})
 * in PEM, inline or in a file.
 */
final class ClientKeyConverter {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final byte[] VERSION = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int LONG_FORM = 0x80;

    private ClientKeyConverter() {}

    /**
     * Converts the client key of a configuration. Does nothing if the configuration has no client certificate and key.
     *
     * @throws ClusterAccessException if the key cannot be used; the message does not contain the key
     */
    static void convert(Config config) {
        byte[] certificate = read("client certificate", config.getClientCertData(), config.getClientCertFile());
        byte[] key = read("client key", config.getClientKeyData(), config.getClientKeyFile());
        if (certificate == null || key == null) {
            return;
        }
        try {
            PublicKey publicKey = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate))
                    .getPublicKey();
            byte[] pkcs8 = pkcs8(new String(key, StandardCharsets.ISO_8859_1), publicKey);
            KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            String pem = "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pkcs8)
                    + "\n-----END PRIVATE KEY-----\n";
            config.setClientKeyAlgo(publicKey.getAlgorithm());
            config.setClientKeyFile(null);
            config.setClientKeyData(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (GeneralSecurityException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new ClusterAccessException(
                    "cannot use the client certificate of the kubeconfig: its key is not for it,"
                            + " or one of both is broken: check client-certificate and client-key");
        }
    }

    private static byte @Nullable [] read(String what, @Nullable String data, @Nullable String file) {
        try {
            if (data != null && !data.isEmpty()) {
                return Base64.getMimeDecoder().decode(data);
            }
            return file == null || file.isEmpty() ? null : Files.readAllBytes(Path.of(file));
        } catch (IOException | IllegalArgumentException e) {
            throw new ClusterAccessException("cannot read the " + what + " of the kubeconfig: " + e + ": check "
                    + what.replace(' ', '-') + " in it");
        }
    }

    private static byte[] pkcs8(String pem, PublicKey publicKey) {
        Matcher matcher = KEY.matcher(pem);
        if (!matcher.find()) {
            throw new ClusterAccessException("cannot use the client key of the kubeconfig: it is no key in PEM, or is"
                    + " encrypted: write it as 'BEGIN PRIVATE KEY'");
        }
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
        return switch (matcher.group(1)) {
            case "PRIVATE KEY" -> der;
            // PKCS#8 (RFC 5958) consists of version, algorithm, and the key in its original form.
            case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
                encoded(SEQUENCE, VERSION, algorithmOf(publicKey), encoded(OCTET_STRING, der));
            default ->
                throw new ClusterAccessException("cannot use the client key of the kubeconfig: 'BEGIN "
                        + matcher.group(1) + "' is not supported: write it as 'BEGIN PRIVATE KEY'");
        };
    }

    /** The AlgorithmIdentifier in DER: the first part of a SubjectPublicKeyInfo. It includes the curve of an EC key. */
    private static byte[] algorithmOf(PublicKey publicKey) {
        byte[] info = publicKey.getEncoded();
        int start = headerLength(info, 0);
        return Arrays.copyOfRange(info, start, start + headerLength(info, start) + contentLength(info, start));
    }

    private static int headerLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return 2 + (first < LONG_FORM ? 0 : first - LONG_FORM);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < LONG_FORM) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < first - LONG_FORM; i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static byte[] encoded(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] header = length < LONG_FORM
                ? new byte[] {(byte) tag, (byte) length}
                : new byte[] {(byte) tag, (byte) (LONG_FORM + 2), (byte) (length >> 8), (byte) length};
        byte[] all = Arrays.copyOf(header, header.length + length);
        int at = header.length;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
