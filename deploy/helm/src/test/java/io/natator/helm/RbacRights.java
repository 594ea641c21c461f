package io.natator.helm;

import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Rights in the API, each as {@code verb group/resource}; the group is empty for the core API. */
final class RbacRights {
    private RbacRights() {}

    /** The rights that a role grants. */
    static Set<String> of(JsonNode role) {
        Set<String> rights = new TreeSet<>();
        for (JsonNode rule : role.path("rules")) {
            for (JsonNode group : rule.path("apiGroups")) {
                for (JsonNode resource : rule.path("resources")) {
                    for (JsonNode verb : rule.path("verbs")) {
                        rights.add(verb.asString() + " " + group.asString() + "/" + resource.asString());
                    }
                }
            }
        }
        return rights;
    }
}
