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
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The parts of TLS contexts that servers and clients share: certificates, keys and authorities in PEM files. */
final class TlsContexts {
    private static final String CERTIFICATE = "--http-tls-certificate";
    private static final String KEY = "--http-tls-key";
    private static final String CLIENT_CA = "--http-client-ca";

    /**
     * A certificate and its key.
     *
     * @param chain the certificate first, followed by the certificates that lead to its authority
     */
    record Keys(List<X509Certificate> chain, PrivateKey key) {
        @Override
        public String toString() {
            return "Keys[" + chain.getFirst().getSubjectX500Principal() + "]";
        }
    }

    private TlsContexts() {}

    /** The files that the contexts are made of: certificate, key and authorities. */
    static List<Path> files(HttpSettings settings) {
        List<Path> files = new ArrayList<>();
        settings.tls().ifPresent(tls -> {
            files.add(tls.certificate());
            files.add(tls.key());
        });
        settings.clientCa().ifPresent(files::add);
        return files;
    }

    /** @throws IOException if a file cannot be used, or if the key is not that of the certificate */
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
            default -> key.getAlgorithm(); // for Ed25519 and Ed448, key and signature algorithm have the same name
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

    /**
     * @param trusted the context accepts certificates of these authorities; if empty, a server does not ask clients for
     *     certificates
     */
    static SSLContext context(KeyManager[] keys, List<X509Certificate> trusted) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trustManagers(trusted), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw notUsable(e);
        }
    }

    static IOException notUsable(GeneralSecurityException e) {
        return new IOException("cannot set up TLS: " + e.getMessage() + ": give another certificate", e);
    }

    private static TrustManager @Nullable [] trustManagers(List<X509Certificate> trusted)
            throws GeneralSecurityException, IOException {
        if (trusted.isEmpty()) {
            return null; // so a server with this context does not ask clients for certificates
        }
        KeyStore store = emptyStore();
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("trusted-" + i, trusted.get(i));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        return managers.getTrustManagers();
    }

    static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
