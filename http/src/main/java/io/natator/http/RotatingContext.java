package io.natator.http;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A TLS context that delegates to the current value of a {@link Rotating}, because {@code HttpsServer} cannot exchange
 * its context. Certificate, key and authorities change together. After a change, clients cannot resume TLS sessions of
 * the previous context.
 */
final class RotatingContext extends SSLContextSpi {
    private final Rotating<SSLContext> contexts;

    private RotatingContext(Rotating<SSLContext> contexts) {
        this.contexts = contexts;
    }

    static SSLContext of(Rotating<SSLContext> contexts) {
        SSLContext first = contexts.current();
        return new SSLContext(new RotatingContext(contexts), first.getProvider(), first.getProtocol()) {};
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return contexts.current().createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return contexts.current().createSSLEngine(host, port);
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return contexts.current().getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return contexts.current().getSupportedSSLParameters();
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return contexts.current().getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return contexts.current().getServerSocketFactory();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return contexts.current().getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return contexts.current().getClientSessionContext();
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("it delegates to contexts that are initialized already");
    }
}
