package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerResolverTest {
    private static final String CONTAINER = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final long SECOND = 1_000_000_000;

    @TempDir
    private Path directory;

    private final AtomicLong now = new AtomicLong();
    private Path cgroups;
    private Path proc;
    private OwnerResolver resolver;

    @BeforeEach
    void setUp() throws IOException {
        cgroups = Files.createDirectory(directory.resolve("cgroup"));
        proc = Files.createDirectory(directory.resolve("proc"));
        resolver = new OwnerResolver(cgroups, proc, now::get);
    }

    private long cgroup(String path) throws IOException {
        Path created = Files.createDirectories(cgroups.resolve(path));
        return (Long) Files.getAttribute(created, "unix:ino");
    }

    private void process(int pid, long startTicks, String... cgroupLines) throws IOException {
        Path process = Files.createDirectories(proc.resolve(Integer.toString(pid)));
        String fields = "S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + startTicks + " 0 0";
        Files.writeString(process.resolve("stat"), pid + " (a) b) " + fields + "\n");
        Files.write(process.resolve("cgroup"), java.util.List.of(cgroupLines));
    }

    @Test
    void findsACgroupByItsInode() throws IOException {
        // Given
        long id = cgroup("system.slice/docker-" + CONTAINER + ".scope");
        // When
        ContainerRef container = resolver.resolve(id, 0);
        // Then
        assertThat(container.containerId()).isEqualTo(CONTAINER);
    }

    @Test
    void findsACgroupMadeAfterTheFirstWalk() throws IOException {
        // Given
        assertThat(resolver.resolve(cgroup("first"), 0)).isEqualTo(ContainerRef.NONE);
        long id = cgroup("docker/" + CONTAINER);
        // When
        ContainerRef container = resolver.resolve(id, 0);
        // Then
        assertThat(container.containerId()).isEqualTo(CONTAINER);
    }

    @Test
    void cachesARemovedCgroup() throws IOException {
        // Given
        long id = cgroup("docker/" + CONTAINER);
        assertThat(resolver.resolve(id, 0).containerId()).isEqualTo(CONTAINER);
        Files.delete(cgroups.resolve("docker/" + CONTAINER));
        now.addAndGet(SECOND);
        resolver.resolve(cgroup("another"), 0);
        // When
        ContainerRef container = resolver.resolve(id, 0);
        // Then
        assertThat(container.containerId()).isEqualTo(CONTAINER);
    }

    @Test
    void usesTheProcessIfTheSocketsCgroupIsTheRoot() throws IOException {
        // Given
        long root = (Long) Files.getAttribute(cgroups, "unix:ino");
        process(77, 5, "12:pids:/docker/" + CONTAINER, "1:name=systemd:/docker/" + CONTAINER, "0::/");
        // When
        ContainerRef container = resolver.resolve(root, 77);
        // Then
        assertThat(container.containerId()).isEqualTo(CONTAINER);
    }

    @Test
    void cachesAnEndedProcessUntilItsPidIsReused() throws IOException {
        // Given
        process(77, 5, "0::/docker/" + CONTAINER);
        assertThat(resolver.resolve(0, 77).containerId()).isEqualTo(CONTAINER);
        // When
        Files.delete(proc.resolve("77/stat"));
        Files.delete(proc.resolve("77/cgroup"));
        now.addAndGet(10 * SECOND);
        // Then
        assertThat(resolver.resolve(0, 77).containerId()).isEqualTo(CONTAINER);
        // When
        process(77, 900, "0::/docker/" + OTHER);
        // Then
        assertThat(resolver.resolve(0, 77).containerId()).isEqualTo(OTHER);
        // When
        process(77, 901, "0::/system.slice/cron.service");
        now.addAndGet(10 * SECOND);
        // Then
        assertThat(resolver.resolve(0, 77)).isEqualTo(ContainerRef.NONE);
    }

    @Test
    void readsTheTreeOfThisMachine() {
        // Given
        var own = new OwnerResolver(CgroupMount.find(Path.of("/proc")), Path.of("/proc"), System::nanoTime);
        // When
        ContainerRef ofAnUnknownCgroup = own.resolve(Long.MAX_VALUE, 0);
        ContainerRef ofAnUnknownProcess = own.resolve(0, Integer.MAX_VALUE);
        // Then
        assertThat(ofAnUnknownCgroup).isEqualTo(ContainerRef.NONE);
        assertThat(ofAnUnknownProcess).isEqualTo(ContainerRef.NONE);
    }
}
