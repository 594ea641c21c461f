package io.natator.bench.names;

/** Defines the custom resources of the bench that control pods. */
final class CustomKinds {
    static final String GROUP = "bench.natator.io";
    /** The custom resource that the enricher is allowed to read, in addition to what the chart allows by default. */
    static final String READABLE = "rollouts";

    private CustomKinds() {}

    static void define(KubernetesApi api) {
        for (RecordedKind kind : new RecordedKind[] {RecordedKind.ROLLOUT, RecordedKind.SECRET_ROLLOUT}) {
            String path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
            String name = kind.resource() + "." + GROUP;
            api.create(path, """
                    {"metadata": {"name": "%s"}, "spec": {"group": "%s", "scope": "Namespaced",
                     "names": {"kind": "%s", "plural": "%s", "singular": "%s"},
                     "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                      {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}}
                    """.formatted(
                            name, GROUP, kind.kind, kind.resource(), kind.kind.toLowerCase(java.util.Locale.ROOT)));
            Waiting.until("the API to serve " + name, () -> api.find(kind.path).isPresent());
        }
    }
}
