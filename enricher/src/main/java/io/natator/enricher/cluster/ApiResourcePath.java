package io.natator.enricher.cluster;

/**
 * The path at which the API serves a resource.
 *
 * @param apiVersion group and version, such as {@code apps/v1}; only the version for the core group
 * @param plural the resource's name in paths, such as {@code replicasets}
 */
record ApiResourcePath(String apiVersion, String plural, boolean namespaced) {
    /** The path at which the discovery API describes a version of a group. */
    static String ofGroup(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0
                ? "/api/" + ApiReader.encoded(apiVersion)
                : "/apis/" + ApiReader.encoded(apiVersion.substring(0, slash)) + "/"
                        + ApiReader.encoded(apiVersion.substring(slash + 1));
    }

    /** @param namespace empty for all namespaces; ignored for a cluster-scoped resource */
    String collection(String namespace) {
        String within = namespaced && !namespace.isEmpty() ? "/namespaces/" + ApiReader.encoded(namespace) : "";
        return ofGroup(apiVersion) + within + "/" + ApiReader.encoded(plural);
    }

    String object(String namespace, String name) {
        return collection(namespace) + "/" + ApiReader.encoded(name);
    }
}
