package io.natator.enricher.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds out how to reach the cluster, and connects to it. */
public final class ClusterAccess {
    static final Path SERVICE_ACCOUNT_TOKEN = Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH);
    private static final Path SERVICE_ACCOUNT_NAMESPACE = Path.of(Config.KUBERNETES_NAMESPACE_PATH);
    /**
     * Maximum number of retries by fabric8's client. It is low so that the enricher logs a failure soon. The callers of
     * the client retry too.
     */
    private static final int QUICK_RETRIES = 2;

    private ClusterAccess() {}

    /** Returns true if a kubeconfig file or a pod's service account exists for {@link #resolve} to read. */
    public static boolean isConfigured() {
        return isInCluster() || !kubeconfigFiles().isEmpty();
    }

    /** Returns true if this process runs in a pod. */
    public static boolean isInCluster() {
        return System.getenv(Config.KUBERNETES_SERVICE_HOST_PROPERTY) != null
                && Files.isReadable(SERVICE_ACCOUNT_TOKEN);
    }

    /** The namespace of the pod in which this process runs, else of the kubeconfig's context, else {@code default}. */
    public static String ownNamespace(Config config) {
        try {
            if (Files.isReadable(SERVICE_ACCOUNT_NAMESPACE)) {
                return Files.readString(SERVICE_ACCOUNT_NAMESPACE).strip();
            }
        } catch (java.io.IOException e) {
            // an unreadable file is treated like a missing one
        }
        String namespace = config.getNamespace();
        return namespace == null || namespace.isEmpty() ? "default" : namespace;
    }

    private static List<File> kubeconfigFiles() {
        return Config.getKubeconfigFilenames().stream()
                .map(File::new)
                .filter(File::isFile)
                .toList();
    }

    /**
     * Reads how to reach the cluster. The first of these that exists is used: the given kubeconfig, {@code
     * $KUBECONFIG}, {@code ~/.kube/config}, the pod's service account.
     *
     * @param context a context of the kubeconfig; if empty, the kubeconfig's current context
     * @throws ClusterAccessException if none exists, or if the first that exists cannot be used
     */
    public static Config resolve(Optional<Path> kubeconfig, Optional<String> context) {
        if (kubeconfig.isPresent()) {
            return fromFiles(List.of(kubeconfig.get().toFile()), context);
        }
        List<File> files = kubeconfigFiles();
        if (!files.isEmpty()) {
            return fromFiles(files, context);
        }
        if (context.isPresent()) {
            throw new ClusterAccessException("cannot use the context '" + context.get()
                    + "': there is no kubeconfig: name one by --kubeconfig, or leave --context out");
        }
        if (!isInCluster()) {
            throw new ClusterAccessException("cannot find a cluster: there is no kubeconfig, and this is no pod of a"
                    + " cluster: name a kubeconfig by --kubeconfig or KUBECONFIG");
        }
        return tuned(Config.autoConfigure(null));
    }

    private static Config fromFiles(List<File> files, Optional<String> context) {
        for (File file : files) {
            if (!file.isFile() || !file.canRead()) {
                throw new ClusterAccessException("cannot read the kubeconfig " + file
                        + ": there is no such file, or it may not be read: check --kubeconfig and KUBECONFIG");
            }
        }
        Config config;
        try {
            // Several files are merged, as kubectl does.
            config = files.size() == 1
                    ? Config.fromKubeconfig(context.orElse(null), files.getFirst())
                    : Config.autoConfigure(context.orElse(null));
        } catch (RuntimeException e) {
            throw new ClusterAccessException("cannot use the kubeconfig " + names(files) + ": " + firstLine(e)
                    + ": check it by 'kubectl config view'");
        }
        requireContext(config, files, context);
        requireServer(config, files);
        return tuned(config);
    }

    private static void requireContext(Config config, List<File> files, Optional<String> context) {
        List<String> known = config.getContexts() == null
                ? List.of()
                : config.getContexts().stream().map(named -> named.getName()).toList();
        if (context.isPresent() && !known.contains(context.get())) {
            throw new ClusterAccessException("cannot use the kubeconfig " + names(files) + ": it has no context '"
                    + context.get() + "': it has " + (known.isEmpty() ? "none" : String.join(", ", known)));
        }
        if (config.getCurrentContext() == null) {
            throw new ClusterAccessException("cannot use the kubeconfig " + names(files)
                    + ": it has no current context: choose one by --context"
                    + (known.isEmpty() ? "" : " (" + String.join(", ", known) + ")"));
        }
    }

    /**
     * Fails if the kubeconfig's context names no server. fabric8 would otherwise use an address that is valid only
     * inside a cluster.
     */
    private static void requireServer(Config config, List<File> files) {
        String context = config.getCurrentContext().getName();
        String cluster = config.getCurrentContext().getContext() == null
                ? null
                : config.getCurrentContext().getContext().getCluster();
        boolean hasServer = files.stream()
                .map(KubeConfigUtils::parseConfig)
                .filter(file -> file.getClusters() != null)
                .flatMap(file -> file.getClusters().stream())
                .anyMatch(named -> named.getName() != null
                        && named.getName().equals(cluster)
                        && named.getCluster() != null
                        && named.getCluster().getServer() != null);
        if (!hasServer) {
            throw new ClusterAccessException("cannot use the kubeconfig " + names(files) + ": its context '" + context
                    + "' names no server: check its cluster '" + cluster + "'");
        }
    }

    private static String names(List<File> files) {
        return String.join(", ", files.stream().map(File::getPath).toList());
    }

    private static String firstLine(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getMessage() == null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return message.lines().findFirst().orElse(message);
    }

    private static Config tuned(Config config) {
        config.setRequestRetryBackoffLimit(QUICK_RETRIES);
        ClientKeyConverter.convert(config);
        return config;
    }

    /**
     * Connects to the cluster over HTTP/1.1. With HTTP/2, all requests would share one connection, so one broken
     * connection would block every watch.
     */
    public static ClusterConnection connect(Config config) {
        config.setHttp2Disable(true);
        return new ClusterConnection(config, Credentials.of(config));
    }
}
