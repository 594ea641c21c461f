package io.natator.enricher.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads untyped JSON. A field that is absent, null or of an unexpected type counts as empty. */
final class JsonFields {
    private JsonFields() {}

    static Map<?, ?> object(Map<?, ?> parent, String name) {
        return parent.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<Map<?, ?>> objects(Map<?, ?> parent, String name) {
        List<Map<?, ?>> found = new ArrayList<>();
        if (parent.get(name) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Map<?, ?> map) {
                    found.add(map);
                }
            }
        }
        return found;
    }

    static List<String> texts(Map<?, ?> parent, String name) {
        List<String> found = new ArrayList<>();
        if (parent.get(name) instanceof List<?> list) {
            for (Object item : list) {
                if (item != null) {
                    found.add(item instanceof String text ? text : String.valueOf(item));
                }
            }
        }
        return found;
    }

    static String text(Map<?, ?> parent, String name) {
        return parent.get(name) instanceof String text ? text : "";
    }

    static boolean flag(Map<?, ?> parent, String name) {
        return Boolean.TRUE.equals(parent.get(name));
    }
}
