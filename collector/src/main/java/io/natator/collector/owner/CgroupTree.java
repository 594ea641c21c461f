package io.natator.collector.owner;

import io.natator.collector.cache.BoundedCache;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Maps cgroup ids to owners. A cgroup's id is the inode number of its directory in the cgroup2 file system (kernfs,
 * 64-bit kernels). Ids are unique within a boot, so an entry stays correct after its cgroup was removed: it is cached
 * until many other cgroups were used later, because the last records of a container are read after its end. Any thread
 * can call {@link #add}; only one thread at a time is allowed to call {@link #owner}.
 */
final class CgroupTree {
    /** Maximum number of cached cgroups; the least recently used one is evicted. */
    private static final int CAPACITY = 16_384;

    /**
     * After a walk through the cgroups, no other walk starts for 9 times its duration. So walks take at most a tenth of
     * the time.
     */
    private static final int PAUSE_PER_WALK = 9;

    /** The value for a cgroup that was removed before its path was read. */
    private static final CgroupOwner REMOVED = new CgroupOwner(ContainerRef.NONE, null, OwnerName.UNRESOLVED);

    private final Path mount;
    private final LongSupplier nanoTime;
    /** Guarded by itself. */
    private final BoundedCache<Long, CgroupOwner> cgroups = new BoundedCache<>(CAPACITY);

    private long nextWalk;
    private boolean walked;

    /**
     * Creates a tree that knows no cgroup. The cgroups are read when an unknown one is looked up.
     *
     * @param mount mount point of cgroup2
     */
    CgroupTree(Path mount, LongSupplier nanoTime) {
        this.mount = mount;
        this.nanoTime = nanoTime;
    }

    Path mount() {
        return mount;
    }

    /** Adds a cgroup and returns its owner. */
    CgroupOwner add(Path directory, long id) {
        CgroupOwner owner = CgroupOwner.of("/" + mount.relativize(directory));
        synchronized (cgroups) {
            cgroups.put(id, owner);
        }
        return owner;
    }

    /** Returns the owner of a cgroup; null if the cgroup is unknown. */
    @Nullable
    CgroupOwner owner(long id) {
        CgroupOwner known = cached(id);
        if (known == null) {
            known = search(id);
        }
        return REMOVED.equals(known) ? null : known;
    }

    private @Nullable CgroupOwner search(long id) {
        long now = nanoTime.getAsLong();
        if (walked && now - nextWalk < 0) {
            return null;
        }
        boolean complete = CgroupWalk.walk(mount, this::add);
        walked = true;
        long end = nanoTime.getAsLong();
        nextWalk = end + PAUSE_PER_WALK * (end - now);
        synchronized (cgroups) {
            // The cgroup existed before the lookup. If a complete walk did not find it, it was removed, and no later
            // walk
            // will find it.
            return complete ? cgroups.computeIfAbsent(id, gone -> REMOVED) : cgroups.get(id);
        }
    }

    private @Nullable CgroupOwner cached(long id) {
        synchronized (cgroups) {
            return cgroups.get(id);
        }
    }
}
