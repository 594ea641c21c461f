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

/** The identities of pods and nodes by record key, and a while beyond their deletion. Not thread-safe. */
final class IdentityBook {
    private static final class Entry {
        Identity identity;

        @Nullable
        Identity written;

        @Nullable
        Instant goneAt;
        /** Seen in this run, not only in the topic. */
        boolean confirmed;

        Entry(Identity identity) {
            this.identity = identity;
        }
    }

    private final Duration retention;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Set<String> dirty = new LinkedHashSet<>();

    IdentityBook(Duration retention) {
        this.retention = retention;
    }

    /** Takes over what an earlier run wrote. */
    void restore(String key, Identity identity) {
        var entry = new Entry(identity);
        entry.written = identity;
        entries.put(key, entry);
    }

    /** The object is there: what was restored of it stands until something better is put. */
    @Nullable
    Identity confirm(String key) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        entry.confirmed = true;
        entry.goneAt = null;
        return entry.identity;
    }

    void put(String key, Identity identity) {
        Entry entry = entries.computeIfAbsent(key, absent -> new Entry(identity));
        entry.identity = identity;
        entry.goneAt = null;
        entry.confirmed = true;
        if (!Objects.equals(entry.written, identity)) {
            dirty.add(key);
        }
    }

    /** The object is deleted, or was not there any more; its record stays for the retention. */
    void gone(String key, Instant at) {
        Entry entry = entries.get(key);
        if (entry != null && entry.goneAt == null) {
            entry.goneAt = at;
        }
    }

    /** Restored identities that match and of which nothing has been seen in this run. */
    List<String> unconfirmed(Predicate<String> keys) {
        List<String> found = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (!entry.confirmed && keys.test(key)) {
                found.add(key);
            }
        });
        return found;
    }

    void expire(Instant now) {
        Instant oldest = now.minus(retention);
        entries.forEach((key, entry) -> {
            if (entry.goneAt != null && entry.goneAt.isBefore(oldest)) {
                dirty.add(key);
            }
        });
    }

    /** Adds records that differ from what was handed out before, until there are so many. */
    void drain(Instant now, List<Change> changes, int most) {
        Instant oldest = now.minus(retention);
        for (var keys = dirty.iterator(); keys.hasNext() && changes.size() < most; ) {
            String key = keys.next();
            keys.remove();
            Entry entry = entries.get(key);
            if (entry == null) {
                continue;
            }
            if (entry.goneAt != null && entry.goneAt.isBefore(oldest)) {
                entries.remove(key);
                if (entry.written != null) {
                    changes.add(new Change(key, null));
                }
            } else if (!Objects.equals(entry.written, entry.identity)) {
                entry.written = entry.identity;
                changes.add(new Change(key, entry.identity));
            }
        }
    }

    int size() {
        return entries.size();
    }
}
