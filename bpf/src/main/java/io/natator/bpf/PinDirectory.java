package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfLink;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfSpec;
import io.natator.bpf.libbpf.SystemCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where maps and links outlive the process: {@code v<layout version>} in a folder of a BPF file system, locked while it is
 * in use. Names in a BPF file system must not contain a dot.
 */
final class PinDirectory implements AutoCloseable {
    private static final Path USUAL_MOUNT = Path.of("/sys/fs/bpf");

    private final Path version;
    private final int lock;

    private PinDirectory(Path version, int lock) {
        this.version = version;
        this.lock = lock;
    }

    static PinDirectory open(Path directory) {
        requireBpfFileSystem(directory);
        Path version = directory.resolve("v" + RecordLayout.VERSION);
        try {
            Files.createDirectories(version);
        } catch (IOException failure) {
            throw new BpfException(
                    "nothing pinned: " + version + " not created: " + failure.getMessage()
                            + ": name a folder in a BPF file system, without a dot",
                    failure);
        }
        int lock = SystemCalls.open(version);
        if (!SystemCalls.lock(lock)) {
            SystemCalls.close(lock);
            throw new BpfException(
                    version + " not used: another collector uses it: stop that one or name another pin directory");
        }
        return new PinDirectory(version, lock);
    }

    /** Mounts a BPF file system at its usual place if there is none and we may. */
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

    /** Takes over the map that is pinned under the name, if there is one. */
    boolean reuse(BpfSpec spec, String map) {
        Path pinned = version.resolve(map);
        if (!Files.exists(pinned)) {
            return false;
        }
        spec.reuse(map, pinned);
        return true;
    }

    void pin(BpfMap map, String name) {
        map.pin(version.resolve(name));
    }

    /**
     * Pins a link in place of the one that has the name: the new program is attached before the old one goes, so that no
     * event falls between them.
     */
    void replace(BpfLink link, String name) {
        Path pinned = version.resolve(name);
        Path coming = version.resolve(name + "_next");
        try {
            Files.deleteIfExists(coming);
            link.pin(coming);
            Files.move(coming, pinned, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new BpfException("program " + name + " not pinned: " + pinned + ": " + failure.getMessage(), failure);
        }
    }

    /** Removes what any version has pinned there; what is removed is no longer attached. */
    static void remove(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(directory, "v[0-9]*")) {
            versions.forEach(PinDirectory::removeVersion);
        } catch (IOException | UncheckedIOException failure) {
            throw new BpfException("pins in " + directory + " not removed: " + failure.getMessage(), failure);
        }
        try {
            Files.delete(directory);
        } catch (IOException notEmpty) {
            // Others have something there, or it is the file system's root.
            return;
        }
    }

    private static void removeVersion(Path version) {
        try (Stream<Path> pins = Files.walk(version)) {
            for (Path pin : pins.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(pin);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        SystemCalls.close(lock);
    }
}
