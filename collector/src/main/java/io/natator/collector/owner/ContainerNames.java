package io.natator.collector.owner;

import io.natator.collector.cache.BoundedCache;
import io.natator.schemas.NameKind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the names of containers in the files of Docker and Podman. It never calls a runtime. Names stay cached after
 * their container was removed. Thread-safe.
 */
public final class ContainerNames {
    /** Maximum number of cached names; the least recently used one is evicted. */
    private static final int CAPACITY = 4_096;

    /** Time (10 s) until the files are read again for a container that they did not contain. */
    private static final long RETRY_NANOS = 10_000_000_000L;

    /** Number of hexadecimal digits of the short id that the runtimes show. */
    private static final int SHORT_ID = 12;

    /** Nomad's drivers for Docker and Podman name a container {@code <task>-<allocation>}. */
    private static final Pattern NOMAD = Pattern.compile("(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private record Known(OwnerName name, boolean found, long readNanos) {}

    private final Path dockerRoot;
    private final Path podmanRoot;
    private final LongSupplier nanoTime;
    private final BoundedCache<String, Known> names = new BoundedCache<>(CAPACITY);

    /**
     * Creates an instance that has read nothing yet.
     *
     * @param dockerRoot Docker's data directory ({@code dockerd --data-root}); it is allowed to be missing
     * @param podmanRoot Podman's storage ({@code graphroot} in containers-storage.conf(5)); it is allowed to be missing
     * @param nanoTime a monotonic clock such as {@link System#nanoTime}
     */
    public ContainerNames(Path dockerRoot, Path podmanRoot, LongSupplier nanoTime) {
        this.dockerRoot = dockerRoot;
        this.podmanRoot = podmanRoot;
        this.nanoTime = nanoTime;
    }

    /** Returns the name of a container; its short id if no runtime knows it. */
    synchronized OwnerName name(String containerId) {
        long now = nanoTime.getAsLong();
        Known known = names.get(containerId);
        if (known == null || (!known.found && now - known.readNanos >= RETRY_NANOS)) {
            OwnerName found = read(containerId);
            known = new Known(found == null ? shortId(containerId) : found, found != null, now);
            names.put(containerId, known);
        }
        return known.name;
    }

    /** Returns the first digits of an id, as the runtimes show it. */
    static OwnerName shortId(String containerId) {
        return new OwnerName(containerId.substring(0, Math.min(SHORT_ID, containerId.length())), NameKind.CONTAINER);
    }

    private @Nullable OwnerName read(String containerId) {
        OwnerName docker = read(dockerRoot.resolve("containers/" + containerId + "/config.v2.json"), containerId);
        if (docker != null) {
            return docker;
        }
        for (Path list : podmanLists()) {
            OwnerName podman = read(list, containerId);
            if (podman != null) {
                return podman;
            }
        }
        return null;
    }

    /**
     * Returns Podman's lists of containers. Those that are started with {@code --rm} are in a list of their own
     * (containers.go in containers/storage). The directory begins with the name of the storage driver.
     */
    private List<Path> podmanLists() {
        List<Path> lists = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(podmanRoot, "*-containers")) {
            for (Path directory : directories) {
                lists.add(directory.resolve("containers.json"));
                lists.add(directory.resolve("volatile-containers.json"));
            }
        } catch (IOException missing) {
            return List.of();
        }
        return lists;
    }

    private static @Nullable OwnerName read(Path file, String containerId) {
        // Opening a named pipe would block.
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try (InputStream input = Files.newInputStream(file)) {
            ContainerFile read = ContainerFile.read(new Bounded(input), containerId);
            return read == null ? null : name(read);
        } catch (IOException | RuntimeException unreadable) {
            return null;
        }
    }

    private static @Nullable OwnerName name(ContainerFile container) {
        OwnerName task = OwnerName.of(container.task(), NameKind.TASK);
        if (task != null) {
            return task;
        }
        String name = container.name().startsWith("/") ? container.name().substring(1) : container.name();
        Matcher nomad = NOMAD.matcher(name);
        return nomad.matches()
                ? OwnerName.of(nomad.group(1), NameKind.TASK)
                : OwnerName.of(container.service() != null ? container.service() : name, NameKind.CONTAINER);
    }

    /** Ends a file after 8 MiB, so that an unusual file does not take long to read. */
    private static final class Bounded extends FilterInputStream {
        private static final int MAX_BYTES = 8 * 1024 * 1024;

        private int read;

        private Bounded(InputStream file) {
            super(file);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = read >= MAX_BYTES ? -1 : super.read(bytes, offset, Math.min(length, MAX_BYTES - read));
            read += Math.max(0, count);
            return count;
        }
    }
}
