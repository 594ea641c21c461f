package io.natator.local;

import io.natator.collector.owner.OwnerResolver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;

/** Cgroups of pods, as a container runtime with the cgroupfs driver makes them. Needs root; {@link #close} removes them. */
public final class PodCgroups implements AutoCloseable {
    private final Path root;
    /** Parents first. */
    private final List<Path> made = new ArrayList<>();

    /** Makes the cgroup that is to hold them. */
    public PodCgroups() {
        String name = "natator-test-"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        root = OwnerResolver.cgroupMount(Path.of("/proc")).resolve(name);
        make(root);
        make(root.resolve("kubepods"));
    }

    /**
     * Has a process run in a container of the pod; sockets that it opens from now on are the pod's.
     *
     * @param podUid as its kubelet knows it: of a static pod, the hash of its manifest
     */
    public void enter(String podUid, long pid) {
        Path pod = root.resolve("kubepods").resolve("pod" + podUid);
        make(pod);
        byte[] id = new byte[32];
        ThreadLocalRandom.current().nextBytes(id);
        Path container = pod.resolve(HexFormat.of().formatHex(id));
        make(container);
        write(container.resolve("cgroup.procs"), Long.toString(pid));
    }

    private void make(Path cgroup) {
        try {
            if (!Files.exists(cgroup)) {
                Files.createDirectory(cgroup);
                made.add(cgroup);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a cgroup cannot be made: it takes root and a writable cgroup2", e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The processes in them have to have ended. */
    @Override
    public void close() {
        for (Path cgroup : made.reversed()) {
            // The last process is gone from it shortly after its parent has seen it end.
            Awaitility.await("cgroup " + cgroup + " is empty")
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> Files.deleteIfExists(cgroup));
        }
        made.clear();
    }
}
