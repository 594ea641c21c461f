package io.natator.http;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS contexts from PEM files. */
final class ServerTls {
    private static final String CERTIFICATE = "--http-tls-certificate";
    private static final String KEY = "--http-tls-key";
    private static final String CLIENT_CA = "--http-client-ca";
    /** Of a key store that is never stored. */
    private static final char[] NO_PASSWORD = new char[0];

    /** A certificate with what leads to its authority, and its key. */
    record Keys(List<X509Certificate> chain, PrivateKey key) {
        @Override
        public String toString() {
            return "Keys[" + chain.getFirst().getSubjectX500Principal() + "]";
        }
    }

    private ServerTls() {}

    /**
     * The context of a server; connections made after its files have changed use the new ones. Beside the authorities' it
     * knows its own certificate: it is that of the other instances, whoever has signed it.
     *
     * @throws IOException if the files cannot be used, with one line for a person
     */
    static SSLContext ofServer(HttpSettings settings, LongSupplier nanoTime) throws IOException {
        HttpSettings.Tls tls = settings.tls().orElseThrow();
        return RotatingContext.of(new Rotating<>(
                files(settings),
                () -> {
                    Keys keys = keys(tls);
                    Optional<Path> clientCa = settings.clientCa();
                    List<X509Certificate> trusted = new ArrayList<>();
                    if (clientCa.isPresent()) {
                        trusted.addAll(authorities(clientCa.get()));
                        trusted.add(keys.chain().getFirst());
                    }
                    return context(serverKeys(keys), trusted);
                },
                nanoTime));
    }

    /**
     * The context of a client of other instances: it trusts the own authorities, and shows the own certificate where there
     * is no token to bring.
     */
    static SSLContext ofPeer(HttpSettings settings, LongSupplier nanoTime) throws IOException {
        HttpSettings.Tls tls = settings.tls().orElseThrow();
        return RotatingContext.of(new Rotating<>(
                files(settings),
                () -> {
                    Keys keys = keys(tls);
                    List<X509Certificate> trusted = new ArrayList<>(keys.chain());
                    if (settings.clientCa().isPresent()) {
                        trusted.addAll(authorities(settings.clientCa().get()));
                    }
                    boolean shows = settings.tokenFile().isEmpty();
                    return context(shows ? new KeyManager[] {new OwnCertificate(keys)} : new KeyManager[0], trusted);
                },
                nanoTime));
    }

    private static List<Path> files(HttpSettings settings) {
        List<Path> files = new ArrayList<>();
        settings.tls().ifPresent(tls -> {
            files.add(tls.certificate());
            files.add(tls.key());
        });
        settings.clientCa().ifPresent(files::add);
        return files;
    }

    static Keys keys(HttpSettings.Tls tls) throws IOException {
        List<X509Certificate> chain = Pem.certificates(CERTIFICATE, tls.certificate());
        PrivateKey key = Pem.key(KEY, tls.key(), chain.getFirst().getPublicKey().getAlgorithm());
        if (!belongTogether(chain.getFirst(), key)) {
            throw Pem.unusable(
                    KEY, tls.key(), "it is not the key of " + tls.certificate(), "give both of one pair", null);
        }
        return new Keys(chain, key);
    }

    static List<X509Certificate> authorities(Path file) throws IOException {
        return Pem.certificates(CLIENT_CA, file);
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm(); // Ed25519 and its like are named after themselves
        };
        try {
            byte[] sample = new byte[32];
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(sample);
            Signature checking = Signature.getInstance(algorithm);
            checking.initVerify(certificate.getPublicKey());
            checking.update(sample);
            return checking.verify(signing.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static KeyManager[] serverKeys(Keys keys) throws IOException {
        try {
            KeyStore own = emptyStore();
            own.setKeyEntry("own", keys.key(), NO_PASSWORD, keys.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(own, NO_PASSWORD);
            return keyManagers.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw notUsable(e);
        }
    }

    private static SSLContext context(KeyManager[] keys, List<X509Certificate> trusted) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trustManagers(trusted), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw notUsable(e);
        }
    }

    private static IOException notUsable(GeneralSecurityException e) {
        return new IOException("cannot set up TLS: " + e.getMessage() + ": give another certificate", e);
    }

    private static TrustManager @Nullable [] trustManagers(List<X509Certificate> trusted)
            throws GeneralSecurityException, IOException {
        if (trusted.isEmpty()) {
            return null; // Nobody's certificate is asked for.
        }
        KeyStore store = emptyStore();
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("trusted-" + i, trusted.get(i));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        return managers.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
