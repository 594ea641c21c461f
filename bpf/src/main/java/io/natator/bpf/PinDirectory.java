package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.SystemCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory {@code v<layout version>} in a BPF file system. Maps and links that are pinned in it outlive the
 * process. The directory is locked while a process uses it. Names in a BPF file system must not contain a dot.
 */
final class PinDirectory implements AutoCloseable {
    /** Name of the pinned map that contains the {@link LayoutDescription}. */
    static final String LAYOUT = "layout";

    private static final Path USUAL_MOUNT = Path.of("/sys/fs/bpf");
    private static final String VERSIONS = "v[0-9]*";

    private final Version own;

    private PinDirectory(Version own) {
        this.own = own;
    }

    static PinDirectory open(Path directory, int layoutVersion) {
        requireBpfFileSystem(directory);
        Path version = directory.resolve("v" + layoutVersion);
        try {
            Files.createDirectories(version);
        } catch (IOException failure) {
            throw new BpfException(
                    "nothing pinned: " + version + " not created: " + failure.getMessage()
                            + ": name a folder in a BPF file system, without a dot",
                    failure);
        }
        return new PinDirectory(Version.lock(version));
    }

    /** Locks and returns the pins of all other layout versions in the same directory. */
    List<Version> others() {
        List<Version> others = new ArrayList<>();
        Path directory = Objects.requireNonNull(own.directory.getParent());
        try {
            for (Path version : versions(directory)) {
                if (!version.getFileName().equals(own.directory.getFileName())) {
                    others.add(Version.lock(version));
                }
            }
            return others;
        } catch (RuntimeException failure) {
            others.forEach(Version::close);
            throw failure;
        }
    }

    private static List<Path> versions(Path directory) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, VERSIONS)) {
            List<Path> versions = new ArrayList<>();
            found.forEach(versions::add);
            return versions;
        } catch (IOException | DirectoryIteratorException failure) {
            throw new BpfException("pins in " + directory + " not listed: " + failure.getMessage(), failure);
        }
    }

    /** The pins of one layout version. They are locked until this object is closed. */
    static final class Version implements AutoCloseable {
        private final Path directory;
        private final int lock;
        private boolean closed;

        private Version(Path directory, int lock) {
            this.directory = directory;
            this.lock = lock;
        }

        private static Version lock(Path directory) {
            int lock = SystemCalls.open(directory);
            if (!SystemCalls.lock(lock)) {
                SystemCalls.close(lock);
                throw new BpfException(directory
                        + " not used: another collector uses it: stop that one or name another pin directory");
            }
            return new Version(directory, lock);
        }

        Path directory() {
            return directory;
        }

        Path path(String pin) {
            return directory.resolve(pin);
        }

        /**
         * Removes all pins whose names are not in {@code retained}, and the directory if {@code retained} is empty.
         * Removing the pin of a link detaches its program.
         */
        void removeAllBut(Set<String> retained) {
            try (Stream<Path> pins = Files.list(directory)) {
                for (Path pin : pins.toList()) {
                    if (!retained.contains(String.valueOf(pin.getFileName()))) {
                        Files.delete(pin);
                    }
                }
                if (retained.isEmpty()) {
                    Files.delete(directory);
                }
            } catch (IOException | UncheckedIOException failure) {
                throw new BpfException("pins in " + directory + " not removed: " + failure.getMessage(), failure);
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                SystemCalls.close(lock);
            }
        }
    }

    /**
     * Checks that the directory is in a BPF file system. If the directory is below the usual mount point of BPF file
     * systems and nothing is mounted there, tries to mount one.
     */
    private static void requireBpfFileSystem(Path directory) {
        Path existing = directory.toAbsolutePath();
        for (Path parent = existing; parent != null && !Files.isDirectory(existing); parent = parent.getParent()) {
            existing = parent;
        }
        if (SystemCalls.isBpfFileSystem(existing)) {
            return;
        }
        String why = existing + " is not in a BPF file system";
        if (existing.equals(USUAL_MOUNT)) {
            try {
                SystemCalls.mountBpfFileSystem(USUAL_MOUNT);
                return;
            } catch (BpfException refused) {
                why += " (" + refused.getMessage() + ")";
            }
        }
        throw new MissingPrerequisiteException(List.of("nothing pinned: " + why + ": name a folder below " + USUAL_MOUNT
                + ", and if nothing is mounted there, as root: mount -t bpf bpf " + USUAL_MOUNT));
    }

    boolean has(String name) {
        return Files.exists(own.path(name));
    }

    Path path(String name) {
        return own.path(name);
    }

    /** Removes a pin if it exists. If the pin is a link, its program is detached. */
    void remove(String name) {
        try {
            Files.deleteIfExists(own.path(name));
        } catch (IOException failure) {
            throw new BpfException("pin " + own.path(name) + " not removed: " + failure.getMessage(), failure);
        }
    }

    /**
     * Pins a link under a name, and removes the link that was pinned under this name before. The new program is already
     * attached when this call detaches the old one, so no event is missed.
     */
    void replace(BpfLink link, String name) {
        Path pinned = own.path(name);
        Path coming = own.path(name + "_next");
        try {
            Files.deleteIfExists(coming);
            link.pin(coming);
            Files.move(coming, pinned, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new BpfException("program " + name + " not pinned: " + pinned + ": " + failure.getMessage(), failure);
        }
    }

    /**
     * Pins a description of the layout beside the maps.
     *
     * @throws BpfException if a different layout is already pinned under the same version
     */
    void describe(LayoutDescription layout) {
        Path pinned = own.path(LAYOUT);
        if (!Files.exists(pinned)) {
            try (BpfMap description = BpfMap.ofValue(LAYOUT, layout.bytes())) {
                description.pin(pinned);
            }
            return;
        }
        try (BpfMap description = BpfMap.openPinned(pinned)) {
            if (!LayoutDescription.parse(description.firstValue()).equals(layout)) {
                throw new BpfException(own.directory
                        + " not used: another build with the same version has another record layout: unload it first");
            }
        }
    }

    /** Removes the pins of all versions, which detaches their programs. */
    static void remove(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        for (Path version : versions(directory)) {
            try (Version pins = Version.lock(version)) {
                pins.removeAllBut(Set.of());
            }
        }
        try {
            Files.delete(directory);
        } catch (IOException notEmpty) {
            // The directory is not removed, because it has other contents or is the root of the file system.
            return;
        }
    }

    @Override
    public void close() {
        own.close();
    }
}
