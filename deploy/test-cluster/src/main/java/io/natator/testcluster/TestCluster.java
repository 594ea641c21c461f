package io.natator.testcluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A Kubernetes control plane on loopback. etcd, API server, controller manager and scheduler are real. Nodes and pods
 * exist only in the API, where kwok changes their status. {@code deploy/test-cluster/up} starts the control plane,
 * which ends at the latest with this process. Thread-safe.
 */
public final class TestCluster implements AutoCloseable {
    /** A process of the control plane. */
    public enum Component {
        ETCD,
        KUBE_APISERVER,
        KUBE_CONTROLLER_MANAGER,
        KUBE_SCHEDULER,
        KWOK;

        private String processName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final Process launcher;
    private final BufferedReader output;
    private final Writer commands;
    private final Path kubeconfig;
    private final String server;
    private final String token;
    private final Path data;

    private TestCluster(Process launcher, BufferedReader output) throws IOException {
        this.launcher = launcher;
        this.output = output;
        this.commands = launcher.outputWriter(StandardCharsets.UTF_8);
        kubeconfig = Path.of(valueAfter("export KUBECONFIG="));
        server = valueAfter("server ");
        token = valueAfter("token ");
        data = Path.of(valueAfter("data "));
    }

    /**
     * Starts a control plane and waits until its API server and controller manager work. This takes some seconds, or
     * several minutes if the programs have to be built first.
     *
     * @param options options of {@code deploy/test-cluster/up}, such as {@code
     *     --api-server-flag=--min-request-timeout=10}
     * @throws IllegalStateException if the control plane does not start; the reason is on standard error
     */
    public static TestCluster start(String... options) {
        List<String> command = new ArrayList<>(List.of(script("up").toString(), "--control"));
        command.addAll(List.of(options));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new TestCluster(process, process.inputReader(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path of a script of {@code deploy/test-cluster} in the checkout in which this process runs. */
    static Path script(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path script = folder.resolve("deploy/test-cluster").resolve(name);
            if (Files.isExecutable(script)) {
                return script;
            }
        }
        throw new IllegalStateException("cannot find deploy/test-cluster/" + name + " above "
                + Path.of("").toAbsolutePath() + ": run the tests in a checkout");
    }

    private String valueAfter(String prefix) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.strip().startsWith(prefix)) {
                return line.strip().substring(prefix.length()).strip();
            }
        }
        throw new IllegalStateException("the test cluster did not start: see standard error for the reason");
    }

    /** The kubeconfig of an administrator with a client certificate. */
    public Path kubeconfig() {
        return kubeconfig;
    }

    /** The URL of the API server. */
    public String server() {
        return server;
    }

    /** A bearer token of an administrator. */
    public String token() {
        return token;
    }

    /** The PEM file of the authority that signed the API server's certificate. */
    public Path caCertificate() {
        return data.resolve("ca.crt");
    }

    /** A TLS context for clients, which trusts this cluster's API server. */
    public SSLContext sslContext() {
        try (InputStream pem = Files.newInputStream(caCertificate())) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The PEM file with the key that signs service account tokens: RSA in PKCS#1. */
    public Path serviceAccountKey() {
        return data.resolve("sa.key");
    }

    /** Reads the log of a component. */
    public String log(Component component) {
        try {
            return Files.readString(data.resolve(component.processName() + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills a component (SIGKILL). */
    public void kill(Component component) {
        command("kill " + component.processName());
    }

    /** Starts a component that was killed. If the component is the API server, waits until it is ready. */
    public void restart(Component component) {
        command("start " + component.processName());
    }

    /** Pauses a component (SIGSTOP). */
    public void pause(Component component) {
        command("pause " + component.processName());
    }

    /** Continues a paused component (SIGCONT). */
    public void resume(Component component) {
        command("resume " + component.processName());
    }

    /**
     * Removes all revisions except the newest from etcd. Older resource versions stay usable until the API server
     * restarts, because its cache contains them.
     */
    public void compact() {
        command("compact");
    }

    /**
     * Makes all present resource versions expire: compacts etcd and restarts the API server, whose cache then starts
     * empty. Open connections to the API server end.
     */
    public void expireVersions() {
        kill(Component.KUBE_APISERVER);
        compact();
        restart(Component.KUBE_APISERVER);
    }

    private synchronized void command(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
            String response = output.readLine();
            while (response != null && response.isBlank()) {
                response = output.readLine();
            }
            if (!"ok".equals(response)) {
                throw new IllegalStateException(command + ": " + response);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(command + ": the test cluster has ended", e);
        }
    }

    /** Ends the control plane and removes its data. */
    @Override
    public synchronized void close() {
        try {
            commands.close(); // the launcher ends when its standard input is closed
            if (!launcher.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                launcher.destroyForcibly();
            }
        } catch (IOException e) {
            launcher.destroyForcibly();
        } catch (InterruptedException e) {
            launcher.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
