package io.natator.enricher.cluster;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The name, UID and resource version of each existing object of a kind. A comparison with a new list shows which
 * objects were deleted and which have changed. Not thread-safe.
 */
final class KnownObjects {
    private record Version(String uid, String resourceVersion, int list) {}

    private final Map<String, Version> versions = new HashMap<>();
    private int list;

    /** How an object compares with the object that was known under the same name. */
    enum Novelty {
        /** No object was known under the name. */
        NEW,
        /** The object has the same UID and version. */
        SAME,
        /** The object under this name has changed, or it is another object. */
        CHANGED
    }

    /**
     * The result of {@link #put}.
     *
     * @param replaced UID of the object that had the name before, if it was another object; else null
     */
    record Update(Novelty novelty, @Nullable String replaced) {}

    Update put(String key, String uid, String resourceVersion) {
        Version before = versions.put(key, new Version(uid, resourceVersion, list));
        if (before == null) {
            return new Update(Novelty.NEW, null);
        }
        if (!before.uid().equals(uid)) {
            return new Update(Novelty.CHANGED, before.uid());
        }
        boolean same = !resourceVersion.isEmpty() && before.resourceVersion().equals(resourceVersion);
        return new Update(same ? Novelty.SAME : Novelty.CHANGED, null);
    }

    /** Removes an object and returns its UID; null if no object is known under this name. */
    @Nullable
    String remove(String key) {
        Version removed = versions.remove(key);
        return removed == null ? null : removed.uid();
    }

    /**
     * Must be called when a list begins. From then until {@link #onListEnd}, the caller calls {@link #put} for every
     * object of the list.
     */
    void onListStart() {
        list++;
    }

    /**
     * Must be called when the list is complete. Removes the objects that the list did not contain, and reports the UID
     * of each.
     */
    void onListEnd(Consumer<String> deleted) {
        for (Iterator<Version> all = versions.values().iterator(); all.hasNext(); ) {
            Version version = all.next();
            if (version.list() != list) {
                all.remove();
                deleted.accept(version.uid());
            }
        }
    }
}
