package io.natator.bench.names;

import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/**
 * Writes the folder in which a pod finds the files of its service account, and replaces the token before it expires, as
 * a kubelet does. This class signs the token itself, because the API issues no token that is valid for less than ten
 * minutes. Thread-safe.
 */
final class ServiceAccountTokens implements AutoCloseable {
    private static final String ISSUER = "https://kubernetes.default.svc";
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
    /** A kubelet replaces a token after this share of its lifetime. */
    private static final double REPLACED_AFTER = 0.8;

    private final Path folder;
    private final String account;
    private final String uid;
    private final PrivateKey key;
    private final Thread replacing;
    private volatile Duration lifetime;
    private volatile boolean paused;

    ServiceAccountTokens(KubernetesApi api, TestCluster cluster, Path folder, Duration lifetime) {
        this.folder = folder;
        this.lifetime = lifetime;
        account = EnricherChart.ACCOUNT;
        JsonNode object = api.get("/api/v1/namespaces/" + EnricherChart.NAMESPACE + "/serviceaccounts/" + account);
        uid = object.path("metadata").path("uid").asString();
        try {
            key = privateKey(Files.readString(cluster.serviceAccountKey()));
            Files.createDirectories(folder);
            Files.copy(cluster.caCertificate(), folder.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(folder.resolve("namespace"), EnricherChart.NAMESPACE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write();
        replacing = Thread.ofVirtual().start(this::replace);
    }

    Path folder() {
        return folder;
    }

    /** Stops replacing the token and waits until it has expired. */
    void letExpire() throws InterruptedException {
        paused = true;
        Thread.sleep(lifetime.plus(CLOCK_TOLERANCE));
    }

    /** Replaces the token now, and again from now on. */
    void replaceAgain() {
        paused = false;
        write();
    }

    private void replace() {
        try {
            while (true) {
                Thread.sleep((long) (lifetime.toMillis() * REPLACED_AFTER));
                if (!paused) {
                    write();
                }
            }
        } catch (InterruptedException e) {
            // this was closed
        }
    }

    private synchronized void write() {
        try {
            Path next = Files.writeString(folder.resolve("token.next"), token());
            Files.move(next, folder.resolve("token"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String token() {
        Instant now = Instant.now();
        String claims = """
                {"aud": ["%1$s"], "iss": "%1$s", "sub": "system:serviceaccount:%2$s:%3$s", "iat": %5$d, "nbf": %5$d,
                 "exp": %6$d, "kubernetes.io": {"namespace": "%2$s", "serviceaccount": {"name": "%3$s", "uid": "%4$s"}}}
                """.formatted(
                        ISSUER,
                        EnricherChart.NAMESPACE,
                        account,
                        uid,
                        now.getEpochSecond(),
                        now.plus(lifetime).getEpochSecond());
        String signed = encode("{\"alg\": \"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + encode(claims.getBytes(StandardCharsets.UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /**
     * Converts a private key from PKCS #1 (RFC 8017), which the control plane's key file contains, to PKCS #8, which
     * Java reads.
     */
    private static PrivateKey privateKey(String pem) {
        byte[] pkcs1 = Base64.getMimeDecoder()
                .decode(pem.replaceAll("-----[A-Z ]+-----", "").strip());
        byte[] algorithm = {
            0x30,
            0x0d,
            0x06,
            0x09,
            0x2a,
            (byte) 0x86,
            0x48,
            (byte) 0x86,
            (byte) 0xf7,
            0x0d,
            0x01,
            0x01,
            0x01,
            0x05,
            0x00
        };
        byte[] version = {0x02, 0x01, 0x00};
        byte[] der = der(0x30, join(version, algorithm, der(0x04, pkcs1)));
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] der(int tag, byte[] content) {
        byte[] head = {(byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return join(head, content);
    }

    private static byte[] join(byte[]... parts) {
        var out = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        replacing.interrupt();
    }
}
