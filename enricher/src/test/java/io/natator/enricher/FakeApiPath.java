package io.natator.enricher;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path of the API.
 *
 * @param plural empty for the discovery of a group
 * @param namespace empty for all namespaces, and for a cluster-scoped resource
 * @param name empty for a collection
 */
record FakeApiPath(String apiVersion, String plural, String namespace, String name) {
    /** Parses a path; returns null if it is not a path of the API. */
    static @Nullable FakeApiPath of(String path) {
        List<String> segments = new ArrayList<>(Arrays.asList(path.substring(1).split("/", -1)));
        String root = segments.removeFirst();
        int version = root.equals("api") ? 1 : 2;
        if (!(root.equals("api") || root.equals("apis")) || segments.size() < version) {
            return null;
        }
        String apiVersion = String.join("/", segments.subList(0, version));
        List<String> rest = segments.subList(version, segments.size());
        String namespace = "";
        if (rest.size() > 2 && rest.getFirst().equals("namespaces")) {
            namespace = rest.get(1);
            rest = rest.subList(2, rest.size());
        }
        return new FakeApiPath(
                apiVersion, rest.isEmpty() ? "" : rest.getFirst(), namespace, rest.size() > 1 ? rest.get(1) : "");
    }
}
