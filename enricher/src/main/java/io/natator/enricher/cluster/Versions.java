package io.natator.enricher.cluster;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What exists of a kind, as far as deletions and changes have to be noticed: name, UID and resource version. Not
 * thread-safe.
 */
final class Versions {
    private record Version(String uid, String resourceVersion, int list) {}

    private final Map<String, Version> versions = new HashMap<>();
    private int list;

    /** How an object compares with what was known under its name. */
    enum Novelty {
        /** Nothing was known. */
        NEW,
        /** It is as it was. */
        SAME,
        /** It has changed. */
        CHANGED
    }

    /**
     * The outcome of taking an object in.
     *
     * @param replaced UID of another object that had the name before; null if none had
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

    /** The UID of what had this name; null if nothing had. */
    @Nullable
    String remove(String key) {
        Version removed = versions.remove(key);
        return removed == null ? null : removed.uid();
    }

    /** What exists is put anew from now on. */
    void listStarts() {
        list++;
    }

    /** Removes what was not put since the list started, and reports the UID of each. */
    void listEnds(Consumer<String> gone) {
        for (Iterator<Version> all = versions.values().iterator(); all.hasNext(); ) {
            Version version = all.next();
            if (version.list() != list) {
                all.remove();
                gone.accept(version.uid());
            }
        }
    }
}
