package io.natator.helm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** Writes a key and a self-signed certificate as the PEM files of a Secret. */
final class Certificates {
    private static final char[] PASSWORD = "for the test".toCharArray();

    private Certificates() {}

    /** Writes {@code trust/ca.crt}, {@code credentials/user.crt} and {@code credentials/user.key}. */
    static void write(Path folder) throws IOException, InterruptedException {
        Path store = folder.resolve("store.p12");
        Processes.run(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "natator",
                "-keyalg",
                "EC",
                "-dname",
                "CN=natator",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD)));
        try {
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
            String certificate =
                    pem("CERTIFICATE", keys.getCertificate("natator").getEncoded());
            String key = pem("PRIVATE KEY", keys.getKey("natator", PASSWORD).getEncoded());
            Files.createDirectories(folder.resolve("trust"));
            Files.createDirectories(folder.resolve("credentials"));
            Files.writeString(folder.resolve("trust/ca.crt"), certificate);
            Files.writeString(folder.resolve("credentials/user.crt"), certificate);
            Files.writeString(folder.resolve("credentials/user.key"), key);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static String pem(String type, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }
}
