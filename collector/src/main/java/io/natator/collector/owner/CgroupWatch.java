package io.natator.collector.owner;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Adds every new cgroup to a tree when its directory is created, with inotify(7). So cgroups that were removed before a
 * record of their sockets was read are known. If the kernel's limits of inotify do not allow a watch, this is logged and
 * counted, and cgroups below the unwatched one are only found by walks. Thread-safe.
 */
final class CgroupWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CgroupWatch.class);

    /** Maximum number of watched cgroups. A watch takes about 1 KiB of the kernel's memory. */
    static final int CAPACITY = 16_384;

    private final CgroupTree tree;
    private final Consumer<CgroupOwner> added;
    private final WatchService service;
    private final Thread thread;
    private final AtomicLong unwatched = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();
    private final Set<WatchKey> watched = new HashSet<>();
    private long visited;

    private CgroupWatch(CgroupTree tree, Consumer<CgroupOwner> added, WatchService service) {
        this.tree = tree;
        this.added = added;
        this.service = service;
        thread = Thread.ofPlatform().daemon().name("natator-cgroups").unstarted(this::run);
    }

    /**
     * Begins to watch all cgroups of a tree.
     *
     * @param added called for each new cgroup, on the thread of the watch
     * @return null if the kernel allows no further inotify instance, which is logged
     */
    static @Nullable CgroupWatch start(CgroupTree tree, Consumer<CgroupOwner> added) {
        try {
            var watch = new CgroupWatch(tree, added, FileSystems.getDefault().newWatchService());
            watch.thread.start();
            return watch;
        } catch (IOException refused) {
            log.atWarn()
                    .addKeyValue("reason", refused.getMessage())
                    .log(
                            "Could not watch the cgroups: sockets of containers that end within a moment stay without a pod;"
                                    + " a higher fs.inotify.max_user_instances can allow it");
            return null;
        }
    }

    private void run() {
        try {
            add(tree.mount());
            while (true) {
                handle(service.take());
            }
        } catch (ClosedWatchServiceException closed) {
            log.debug("The watch of the cgroups ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(WatchKey key) {
        Path directory = (Path) key.watchable();
        for (WatchEvent<?> event : key.pollEvents()) {
            if (event.kind().equals(OVERFLOW)) {
                // If the kernel's queue overflows, every watched directory gets this event.
                add(directory);
            } else if (event.context() instanceof Path name) {
                add(directory.resolve(name));
            }
        }
        if (!key.reset()) {
            // The cgroup was removed.
            watched.remove(key);
        }
    }

    private void add(Path directory) {
        long before = visited;
        CgroupWalk.walk(directory, this::visit);
        if (visited == before) {
            missed.incrementAndGet();
        }
    }

    private void visit(Path directory, long id) {
        visited++;
        CgroupOwner owner = tree.add(directory, id);
        watch(directory);
        added.accept(owner);
    }

    private void watch(Path directory) {
        if (watched.size() >= CAPACITY) {
            count(directory, "more than " + CAPACITY + " cgroups");
            return;
        }
        try {
            watched.add(directory.register(service, ENTRY_CREATE));
        } catch (NoSuchFileException removed) {
            // Its id is known, and nothing can be created in it.
            return;
        } catch (IOException refused) {
            count(directory, String.valueOf(refused.getMessage()));
        }
    }

    private void count(Path directory, String reason) {
        log.atLevel(unwatched.getAndIncrement() == 0 ? Level.WARN : Level.DEBUG)
                .addKeyValue("cgroup", directory)
                .addKeyValue("reason", reason)
                .log(
                        "Could not watch a cgroup: sockets of containers below it that end within a moment stay without a pod;"
                                + " further ones are only counted");
    }

    /** Returns how many cgroups are not watched, because of the limit or an error. */
    long unwatched() {
        return unwatched.get();
    }

    /** Returns how many cgroups were removed before their id was read. */
    long missed() {
        return missed.get();
    }

    @Override
    public void close() {
        try {
            service.close();
            thread.join();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("Could not close the watch of the cgroups");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
