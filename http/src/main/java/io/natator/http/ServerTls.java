package io.natator.http;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The TLS context of the HTTP server. */
final class ServerTls {
    /** Password of the key store. It needs no secret, because the key store exists in memory only. */
    private static final char[] NO_PASSWORD = new char[0];

    private ServerTls() {}

    /**
     * The context of a server. Connections that are opened after a file has changed use the new contents. If a client
     * authority is configured, the server accepts client certificates that this authority has signed. It also accepts
     * its own certificate from a client, because other instances of the service present the same certificate, which can
     * be signed by another authority.
     *
     * @throws IOException if a file cannot be used; the message is one line for a person
     */
    static SSLContext ofServer(HttpSettings settings, LongSupplier nanoTime) throws IOException {
        HttpSettings.Tls tls = settings.tls().orElseThrow();
        return RotatingContext.of(new Rotating<>(
                TlsContexts.files(settings),
                () -> {
                    TlsContexts.Keys keys = TlsContexts.keys(tls);
                    Optional<Path> clientCa = settings.clientCa();
                    List<X509Certificate> trusted = new ArrayList<>();
                    if (clientCa.isPresent()) {
                        trusted.addAll(TlsContexts.authorities(clientCa.get()));
                        trusted.add(keys.chain().getFirst());
                    }
                    return TlsContexts.context(serverKeys(keys), trusted);
                },
                nanoTime));
    }

    private static KeyManager[] serverKeys(TlsContexts.Keys keys) throws IOException {
        try {
            KeyStore own = TlsContexts.emptyStore();
            own.setKeyEntry("own", keys.key(), NO_PASSWORD, keys.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(own, NO_PASSWORD);
            return keyManagers.getKeyManagers();
        } catch (GeneralSecurityException e) {
            throw TlsContexts.notUsable(e);
        }
    }
}
