package io.natator.local;

import io.natator.collector.owner.CgroupMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;

/**
 * Creates the cgroups of pods, as a container runtime with the cgroupfs driver does. Needs root. {@link #close} removes
 * the cgroups.
 */
public final class PodCgroups implements AutoCloseable {
    private final Path root;
    /** The created cgroups, parents before children. */
    private final List<Path> created = new ArrayList<>();

    /** Creates the parent of all pods' cgroups. */
    public PodCgroups() {
        String name = "natator-test-"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        root = CgroupMount.find(Path.of("/proc")).orElseThrow().resolve(name);
        make(root);
        make(root.resolve("kubepods"));
    }

    /**
     * Moves a process into a container of the pod. Sockets that it opens from now on belong to the pod.
     *
     * @param podUid the UID that the kubelet uses, which is the hash of the manifest for a static pod
     */
    public void enter(String podUid, long pid) {
        Path pod = directory(podUid);
        make(pod);
        byte[] id = new byte[32];
        ThreadLocalRandom.current().nextBytes(id);
        Path container = pod.resolve(HexFormat.of().formatHex(id));
        make(container);
        write(container.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** The cgroup of a pod. It contains those of the pod's containers. */
    Path directory(String podUid) {
        return root.resolve("kubepods").resolve("pod" + podUid);
    }

    private void make(Path cgroup) {
        try {
            if (!Files.exists(cgroup)) {
                Files.createDirectory(cgroup);
                created.add(cgroup);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a cgroup: run as root, with a writable cgroup2", e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the cgroups. Their processes must have ended. */
    @Override
    public void close() {
        for (Path cgroup : created.reversed()) {
            // Retry, because the kernel removes an ended process from its cgroup with a short delay.
            Awaitility.await("cgroup " + cgroup + " is empty")
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> Files.deleteIfExists(cgroup));
        }
        created.clear();
    }
}
