package io.natator.bench.names;

import com.marcnuri.helm.Helm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The enricher's part of the rendered Helm chart: the enricher's account and rights, its arguments, and its memory
 * limit.
 */
final class EnricherChart {
    static final String NAMESPACE = "observability";
    static final String ACCOUNT = "natator-enricher";

    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1/";
    private static final Map<String, String> PATHS = Map.of(
            "ServiceAccount", "/api/v1/namespaces/" + NAMESPACE + "/serviceaccounts",
            "ClusterRole", RBAC + "clusterroles",
            "ClusterRoleBinding", RBAC + "clusterrolebindings",
            "Role", RBAC + "namespaces/" + NAMESPACE + "/roles",
            "RoleBinding", RBAC + "namespaces/" + NAMESPACE + "/rolebindings");

    private final List<JsonNode> objects;

    /** @param version version of Kubernetes for which the chart is rendered, such as v1.36.3 */
    EnricherChart(String version) {
        String manifest = new Helm(chart())
                .template()
                .withName("natator")
                .withNamespace(NAMESPACE)
                .withKubeVersion(version)
                .set("kafka.bootstrapServers", "localhost:9092")
                .set("enricher.rbac.extraRules[0].apiGroups[0]", CustomKinds.GROUP)
                .set("enricher.rbac.extraRules[0].resources[0]", CustomKinds.READABLE)
                .set("enricher.rbac.extraRules[0].verbs[0]", "get")
                .call();
        try (MappingIterator<JsonNode> documents =
                new YAMLMapper().readerFor(JsonNode.class).readValues(manifest)) {
            objects = documents.readAll().stream()
                    .filter(object -> name(object).endsWith("-enricher"))
                    .toList();
        }
    }

    private static Path chart() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path chart = folder.resolve("deploy/helm/natator");
            if (Files.isDirectory(chart)) {
                return chart;
            }
        }
        throw new IllegalStateException("cannot find deploy/helm/natator: run it in a checkout");
    }

    private static String name(JsonNode object) {
        return object.path("metadata").path("name").asString("");
    }

    /** Creates the enricher's service account and all its rights in the cluster. */
    void install(KubernetesApi api) {
        api.create("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + NAMESPACE + "\"}}");
        objects.forEach(object -> {
            String path = PATHS.get(object.path("kind").asString());
            if (path != null) {
                api.create(path, object.toString());
            }
        });
    }

    /** Revokes the enricher's rights to read the cluster. Its rights to the Lease remain. */
    void revoke(KubernetesApi api) {
        binding().ifPresent(binding -> api.delete(PATHS.get("ClusterRoleBinding") + "/" + name(binding)));
    }

    /** Grants the rights to read the cluster again. */
    void grant(KubernetesApi api) {
        binding().ifPresent(binding -> api.create(String.valueOf(PATHS.get("ClusterRoleBinding")), binding.toString()));
    }

    private java.util.Optional<JsonNode> binding() {
        return objects.stream()
                .filter(object -> object.path("kind").asString().equals("ClusterRoleBinding"))
                .findFirst();
    }

    /** The arguments with which the chart starts the enricher. */
    List<String> arguments() {
        return container().path("args").valueStream().map(JsonNode::asString).toList();
    }

    /** The enricher's memory limit in the chart, in MiB. */
    int memoryLimit() {
        String limit =
                container().path("resources").path("limits").path("memory").asString();
        if (!limit.endsWith("Mi")) {
            throw new IllegalStateException("the chart's memory limit is not in Mi: " + limit);
        }
        return Integer.parseInt(limit.substring(0, limit.length() - 2));
    }

    private JsonNode container() {
        return objects.stream()
                .filter(object -> object.path("kind").asString().equals("Deployment"))
                .findFirst()
                .orElseThrow()
                .path("spec")
                .path("template")
                .path("spec")
                .path("containers")
                .path(0);
    }
}
