package io.natator.bench.names;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Creates the objects with which the cluster starts: some of every kind that has an address. */
final class InitialCluster {
    static final String NAMESPACE = "bench-";

    private static final String APPS = "/apis/apps/v1/namespaces/";
    private static final String BATCH = "/apis/batch/v1/namespaces/";
    private static final String CORE = "/api/v1/namespaces/";
    private static final int REQUESTS_AT_A_TIME = 8;
    private static final int PODS_PER_NAMESPACE = 250;
    private static final int REPLICAS = 8;

    private final KubernetesApi api;
    private final int nodes;
    private final int pods;
    private final List<Runnable> work = new ArrayList<>();
    private int addresses;

    InitialCluster(KubernetesApi api, int nodes, int pods) {
        this.api = api;
        this.nodes = nodes;
        this.pods = pods;
    }

    static String nodeName(int slot) {
        return "node-" + slot;
    }

    /** Creates the objects. When this returns, controllers have perhaps not created all pods yet. */
    void create() {
        int namespaces = Math.max(1, pods / PODS_PER_NAMESPACE);
        for (int slot = 0; slot < nodes; slot++) {
            int number = slot;
            work.add(() -> api.create("/api/v1/nodes", Manifests.node(nodeName(number), number)));
        }
        for (int number = 0; number < namespaces; number++) {
            namespace(NAMESPACE + number);
        }
        sendAll();
        // Each node has two pods of DaemonSets, and every other node has a static pod. The remaining pods are
        // distributed over the namespaces.
        int rest = Math.max(0, pods - nodes * 5 / 2) / namespaces;
        for (int number = 0; number < namespaces; number++) {
            fill(NAMESPACE + number, rest);
        }
        work.add(() -> api.create(APPS + NAMESPACE + "0/daemonsets", Manifests.daemonSet("agent", true)));
        work.add(() -> api.create(APPS + NAMESPACE + "0/daemonsets", Manifests.daemonSet("cache", false)));
        for (int slot = 0; slot < nodes; slot += 2) {
            int number = slot;
            work.add(() -> staticPod(api, NAMESPACE + "0", nodeName(number), number % 4 == 0));
        }
        sendAll();
    }

    /** Creates a mirror pod, which is the copy of a static pod in the API, as a kubelet does. */
    static void staticPod(KubernetesApi api, String namespace, String node, boolean hostNetwork) {
        api.find("/api/v1/nodes/" + node).ifPresent(object -> {
            String hash = Integer.toHexString(node.hashCode()) + "0123456789abcdef01234567";
            String uid = object.path("metadata").path("uid").asString();
            api.create(CORE + namespace + "/pods", Manifests.staticPod("proxy-" + node, node, uid, hash, hostNetwork));
        });
    }

    private void namespace(String name) {
        work.add(() -> createNamespace(api, name));
    }

    /** Creates a namespace and waits until Kubernetes has created the service account that pods need. */
    static void createNamespace(KubernetesApi api, String name) {
        api.create("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + name + "\"}}");
        Waiting.until(
                "the service account of " + name,
                () -> api.find(CORE + name + "/serviceaccounts/default").isPresent());
    }

    /** Adds objects of every namespaced kind, with about {@code count} pods. */
    private void fill(String namespace, int count) {
        int deployments = Math.max(1, count * 3 / 4 / REPLICAS);
        for (int number = 0; number < deployments; number++) {
            String name = "web-" + number;
            work.add(() -> api.create(APPS + namespace + "/deployments", Manifests.replicated(name, "", REPLICAS)));
            service(namespace, name, number);
        }
        int statefulSets = Math.max(1, count / 10 / 3);
        for (int number = 0; number < statefulSets; number++) {
            String name = "db-" + number;
            work.add(() -> {
                api.create(
                        CORE + namespace + "/services",
                        Manifests.service(name, Manifests.selecting(name) + "\"clusterIP\": \"None\", "));
                api.create(APPS + namespace + "/statefulsets", Manifests.statefulSet(name, 3));
            });
        }
        work.add(() -> {
            api.create(CORE + namespace + "/replicationcontrollers", Manifests.replicationController("old", 2));
            api.create(APPS + namespace + "/replicasets", Manifests.replicated("bare", "", 2));
            api.create(BATCH + namespace + "/jobs", Manifests.job("once", 3));
            api.create(BATCH + namespace + "/cronjobs", Manifests.cronJob("tick"));
        });
        for (int number = 0; number < Math.max(1, count / 25); number++) {
            String name = "single-" + number;
            work.add(() -> {
                api.create(CORE + namespace + "/pods", Manifests.pod(Manifests.named(name), "single", ""));
                api.create(CORE + namespace + "/pods", Manifests.pod(Manifests.generated("made-"), "single", ""));
            });
        }
        work.add(() -> custom(namespace, RecordedKind.ROLLOUT, "canary"));
        work.add(() -> custom(namespace, RecordedKind.SECRET_ROLLOUT, "hidden"));
        work.add(() -> podsOfAPod(namespace));
    }

    private void custom(String namespace, RecordedKind kind, String name) {
        String path = "/apis/" + CustomKinds.GROUP + "/v1/namespaces/" + namespace + "/" + kind.resource();
        String uid = api.createdUid(path, name, Manifests.custom(kind, name));
        api.create(
                APPS + namespace + "/replicasets",
                Manifests.replicated(name + "-5f7", Manifests.ownedBy(kind.apiVersion, kind.kind, name, uid), 3));
    }

    /**
     * Adds pods that own pods, as the drivers of Spark do: one driver has no controller, the other one has a custom
     * controller.
     */
    private void podsOfAPod(String namespace) {
        String path = CORE + namespace + "/pods";
        String uid = api.createdUid(path, "driver", Manifests.pod(Manifests.named("driver"), "driver", ""));
        RecordedKind operator = RecordedKind.ROLLOUT;
        String above = api.createdUid(
                "/apis/" + CustomKinds.GROUP + "/v1/namespaces/" + namespace + "/" + operator.resource(),
                "operator",
                Manifests.custom(operator, "operator"));
        String owned = api.createdUid(
                path,
                "operator-driver",
                Manifests.pod(
                        Manifests.named("operator-driver")
                                + Manifests.ownedBy(operator.apiVersion, operator.kind, "operator", above),
                        "driver",
                        ""));
        for (int number = 0; number < 2; number++) {
            executor(path, "driver", uid, number);
            executor(path, "operator-driver", owned, number);
        }
    }

    private void executor(String path, String driver, String uid, int number) {
        api.create(
                path,
                Manifests.pod(
                        Manifests.named(driver + "-executor-" + number) + Manifests.ownedBy("v1", "Pod", driver, uid),
                        "executor",
                        ""));
    }

    /** Adds a Service in front of a Deployment. The number selects the Service's type. */
    private void service(String namespace, String name, int number) {
        String families = Manifests.Families.of(number / 7).ofService() + ", ";
        String services = CORE + namespace + "/services";
        String selector = Manifests.selecting(name);
        int address = ++addresses;
        String text = (address / 200) + "." + (address % 200 + 1);
        work.add(() -> {
            switch (number % 7) {
                case 0 -> api.create(services, Manifests.service(name, families + selector));
                case 1 -> api.create(services, Manifests.service(name, selector + "\"type\": \"NodePort\", "));
                case 2 -> {
                    api.create(services, Manifests.service(name, families + selector + "\"type\": \"LoadBalancer\", "));
                    balance(services, name, "{\"ip\": \"198.18." + text + "\"}");
                }
                case 3 -> {
                    api.create(services, Manifests.service(name, selector + "\"type\": \"LoadBalancer\", "));
                    balance(services, name, "{\"hostname\": \"" + name + ".example.com\"}");
                }
                case 4 ->
                    api.create(
                            services,
                            Manifests.service(name, selector + "\"externalIPs\": [\"198.19." + text + "\"], "));
                case 5 -> {
                    api.create(services, Manifests.service(name, families));
                    String slices = "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices";
                    api.create(slices, Manifests.endpointSlice(name, "IPv4", "\"100.64." + text + "\""));
                    api.create(slices, Manifests.endpointSlice(name, "IPv6", "\"2001:db8::%x\"".formatted(address)));
                }
                default ->
                    api.create(
                            services,
                            Manifests.service(name, "\"type\": \"ExternalName\", \"externalName\": \"example.com\", "));
            }
        });
    }

    private void balance(String services, String name, String ingress) {
        api.merge(
                services + "/" + name + "/status",
                "{\"status\": {\"loadBalancer\": {\"ingress\": [" + ingress + "]}}}");
    }

    /** Sends the requests that were collected, several at a time. */
    private void sendAll() {
        try (ExecutorService threads = Executors.newFixedThreadPool(REQUESTS_AT_A_TIME)) {
            List<Future<?>> all = new ArrayList<>();
            work.forEach(task -> all.add(threads.submit(task)));
            work.clear();
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot create the initial cluster: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
