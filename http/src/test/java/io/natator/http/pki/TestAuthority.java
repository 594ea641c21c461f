package io.natator.http.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate authority and the certificates that it signs, as PEM files. They are created by the JDK's keytool. */
public final class TestAuthority {
    private static final char[] PASSWORD = "for the test".toCharArray();
    private static final String AUTHORITY = "authority";

    private final Path folder;
    private final Path store;
    private final Path certificate;

    /**
     * A certificate and its key, which is in PKCS#8.
     *
     * @param certificate PEM file with the certificate, followed by that of the authority
     */
    public record Issued(Path certificate, Path key) {}

    private TestAuthority(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        store = folder.resolve("store.p12");
        keytool(AUTHORITY, List.of("-ext", "bc:c", "-dname", "CN=authority in " + folder.getFileName()));
        certificate = folder.resolve("ca.crt");
        Files.writeString(certificate, pem("CERTIFICATE", encoded(AUTHORITY)));
    }

    /** Creates an authority and the folder in which it stores its files. */
    public static TestAuthority in(Path folder) throws IOException, InterruptedException {
        return new TestAuthority(folder);
    }

    /** PEM file with the authority's certificate. */
    public Path certificate() {
        return certificate;
    }

    /**
     * Signs a certificate for servers and clients.
     *
     * @param alternativeNames subject alternative names, such as {@code ip:127.0.0.1} or {@code dns:localhost}
     */
    public Issued issue(String name, String... alternativeNames) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-dname", "CN=" + name, "-signer", AUTHORITY));
        if (alternativeNames.length > 0) {
            arguments.addAll(List.of("-ext", "san=" + String.join(",", alternativeNames)));
        }
        keytool(name, arguments);
        Path chain = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        Files.writeString(chain, pem("CERTIFICATE", encoded(name)) + pem("CERTIFICATE", encoded(AUTHORITY)));
        try {
            Files.writeString(
                    key, pem("PRIVATE KEY", open().getKey(name, PASSWORD).getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        return new Issued(chain, key);
    }

    private byte[] encoded(String alias) throws IOException {
        try {
            Certificate found = open().getCertificate(alias);
            return found.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private KeyStore open() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(store.toFile(), PASSWORD);
    }

    private void keytool(String alias, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD)));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
    }

    private static String pem(String type, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }
}
