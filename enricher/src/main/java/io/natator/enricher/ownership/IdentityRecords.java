package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The identities of pods and nodes by record key. The identity of a deleted object is stored for {@link
 * Limits#identityRetention}. Not thread-safe.
 */
final class IdentityRecords {
    private static final class Entry {
        Identity identity;

        @Nullable
        Identity written;

        @Nullable
        Instant deletedAt;
        /** True if the object was observed in this run; false if only the topic contains it. */
        boolean confirmed;

        Entry(Identity identity) {
            this.identity = identity;
        }
    }

    private final Duration retention;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Set<String> dirty = new LinkedHashSet<>();

    IdentityRecords(Duration retention) {
        this.retention = retention;
    }

    /** Restores a record that an earlier run wrote. */
    void restore(String key, Identity identity) {
        var entry = new Entry(identity);
        entry.written = identity;
        entries.put(key, entry);
    }

    /** Records that the object exists. Returns the identity that an earlier run wrote for it; null if there is none. */
    @Nullable
    Identity confirm(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        entry.confirmed = true;
        entry.deletedAt = null;
        return entry.identity;
    }

    void put(String key, Identity identity) {
        Entry entry = entries.computeIfAbsent(key, absent -> new Entry(identity));
        if (!entry.identity.equals(identity)) {
            entry.identity = identity; // else the instance that is stored already is retained, to save memory
        }
        entry.deletedAt = null;
        entry.confirmed = true;
        if (!Objects.equals(entry.written, identity)) {
            dirty.add(key);
        }
    }

    /** Records that the object was deleted. Its record is deleted after {@link Limits#identityRetention}. */
    void onDeleted(String key, Instant at) {
        Entry entry = entries.get(key);
        if (entry != null && entry.deletedAt == null) {
            entry.deletedAt = at;
        }
    }

    /**
     * Returns those of the matching keys whose identities were restored from the topic and whose objects have not been
     * observed in this run.
     */
    List<String> unconfirmed(Predicate<String> keys) {
        List<String> found = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (!entry.confirmed && keys.test(key)) {
                found.add(key);
            }
        });
        return found;
    }

    /**
     * Marks the records of objects that were deleted long enough ago, so that the next {@link #drain} deletes the
     * records.
     */
    void checkDue(Instant now) {
        Instant oldest = now.minus(retention);
        entries.forEach((key, entry) -> {
            if (entry.deletedAt != null && entry.deletedAt.isBefore(oldest)) {
                dirty.add(key);
            }
        });
    }

    /**
     * Adds to {@code updates} the records that have changed since they were last returned, until it has {@code limit}
     * entries.
     */
    void drain(Instant now, List<RecordUpdate> updates, int limit) {
        Instant oldest = now.minus(retention);
        for (var keys = dirty.iterator(); keys.hasNext() && updates.size() < limit; ) {
            String key = keys.next();
            keys.remove();
            Entry entry = entries.get(key);
            if (entry == null) {
                continue;
            }
            if (entry.deletedAt != null && entry.deletedAt.isBefore(oldest)) {
                entries.remove(key);
                if (entry.written != null) {
                    updates.add(new RecordUpdate(key, null));
                }
            } else if (!Objects.equals(entry.written, entry.identity)) {
                entry.written = entry.identity;
                updates.add(new RecordUpdate(key, entry.identity));
            }
        }
    }

    int size() {
        return entries.size();
    }
}
