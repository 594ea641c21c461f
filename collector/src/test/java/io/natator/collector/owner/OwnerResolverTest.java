package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.NameKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the resolver with made-up directories, which have the form of those of the kernel. */
class OwnerResolverTest {
    private static final String CONTAINER = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final String POD = "4a0a7fd8-1f5e-4d7b-9a54-6a1b1c2d3e4f";
    private static final long SECOND = 1_000_000_000;
    /** A time in nanoseconds since boot after the start of every process. */
    private static final long LATE = 1_000 * SECOND;

    private static final String PF_EXITING = "4";
    private static final String PF_KTHREAD = "2129984";

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
        process(2, PF_KTHREAD, 0);
        start("0::/");
    }

    /** Starts a resolver. The lines are those of its own {@code /proc/self/cgroup}, one for each hierarchy. */
    private void start(String... hierarchies) throws IOException {
        Files.write(Files.createDirectories(proc.resolve("self")).resolve("cgroup"), List.of(hierarchies));
        resolver = resolver(Optional.of(cgroups));
    }

    private OwnerResolver resolver(Optional<Path> cgroup2) {
        var names = new ContainerNames(directory.resolve("docker"), directory.resolve("podman"), now::get);
        return new OwnerResolver(cgroup2, proc, names, now::get);
    }

    private long cgroup(String path) throws IOException {
        return CgroupWalk.inode(Files.createDirectories(cgroups.resolve(path)));
    }

    private void process(int pid, long startTicks, String... cgroupLines) throws IOException {
        process(pid, "0", startTicks, cgroupLines);
    }

    private void process(int pid, String flags, long startTicks, String... cgroupLines) throws IOException {
        Path process = Files.createDirectories(proc.resolve(Integer.toString(pid)));
        String fields = "S 1 1 1 0 -1 " + flags + " 0 0 0 0 0 0 0 0 20 0 1 0 " + startTicks + " 0 0";
        Files.writeString(process.resolve("stat"), pid + " (a) b) " + fields + "\n");
        Files.write(process.resolve("cgroup"), List.of(cgroupLines));
    }

    private void commandLine(int pid, String... arguments) throws IOException {
        Files.writeString(proc.resolve(pid + "/cmdline"), String.join("\0", arguments) + "\0");
    }

    private @Nullable String container(long cgroupId, int pid) {
        return resolver.resolve(cgroupId, pid, LATE).container().containerId();
    }

    private OwnerName name(long cgroupId, int pid) {
        return resolver.resolve(cgroupId, pid, LATE).name();
    }

    @Test
    void findsACgroupByItsInode() throws IOException {
        // Given
        long id = cgroup("system.slice/docker-" + CONTAINER + ".scope");
        // When
        String container = container(id, 0);
        // Then
        assertThat(container).isEqualTo(CONTAINER);
    }

    @Test
    void findsACgroupMadeAfterTheFirstWalk() throws IOException {
        // Given
        assertThat(container(cgroup("first"), 0)).isNull();
        long id = cgroup("docker/" + CONTAINER);
        // When
        String container = container(id, 0);
        // Then
        assertThat(container).isEqualTo(CONTAINER);
    }

    @Test
    void cachesARemovedCgroup() throws IOException {
        // Given
        long id = cgroup("docker/" + CONTAINER);
        assertThat(container(id, 0)).isEqualTo(CONTAINER);
        Files.delete(cgroups.resolve("docker/" + CONTAINER));
        now.addAndGet(SECOND);
        resolver.resolve(cgroup("another"), 0, LATE);
        // When
        String container = container(id, 0);
        // Then
        assertThat(container).isEqualTo(CONTAINER);
    }

    @Test
    void usesTheProcessIfTheSocketsCgroupIsTheRootOfAHybridHost() throws IOException {
        // Given
        start("12:pids:/", "0::/");
        process(77, 5, "12:pids:/docker/" + CONTAINER, "1:name=systemd:/docker/" + CONTAINER, "0::/");
        // When
        String container = container(cgroup("."), 77);
        // Then
        assertThat(container).isEqualTo(CONTAINER);
    }

    @Test
    void usesTheProcessOnAHybridHostWhoseRuntimeUsesVersion1() throws IOException {
        // Given
        start("12:pids:/", "0::/");
        process(77, 5, "12:pids:/docker/" + CONTAINER, "0::/system.slice/docker.service");
        // When
        String container = container(cgroup("system.slice/docker.service"), 77);
        // Then
        assertThat(container).isEqualTo(CONTAINER);
    }

    /** The process can have been in a container of version 1: a container's processes are in the runtime's cgroup of version 2. */
    @Test
    void isUnresolvedOnAHybridHostIfTheProcessHasEnded() throws IOException {
        // Given
        start("12:pids:/", "0::/");
        // When
        Owner inRoot = resolver.resolve(cgroup("."), 77, LATE);
        Owner inUnit = resolver.resolve(cgroup("system.slice/containerd.service"), 77, LATE);
        // Then
        assertThat(inRoot).isEqualTo(Owner.UNRESOLVED);
        assertThat(inUnit).isEqualTo(Owner.UNRESOLVED);
        assertThat(resolver.unresolved()).isEqualTo(2);
    }

    @Test
    void usesTheProcessWithoutCgroup2() throws IOException {
        // Given
        resolver = resolver(Optional.empty());
        process(77, 5, "12:pids:/kubepods/pod" + POD + "/" + CONTAINER, "0::/");
        // When
        Owner owner = resolver.resolve(1, 77, LATE);
        // Then
        assertThat(owner).isEqualTo(new Owner(new ContainerRef(CONTAINER, POD), OwnerName.NONE));
    }

    @Test
    void usesNoProcessOfAnotherPidNamespace() throws IOException {
        // Given a proc file system in which the kernel's pids belong to other processes
        Files.delete(proc.resolve("2/stat"));
        start("0::/");
        process(77, 5, "0::/docker/" + CONTAINER);
        // When
        Owner unknown = resolver.resolve(0, 77, LATE);
        Owner session = resolver.resolve(cgroup("user.slice/user-0.slice/session-1.scope"), 77, LATE);
        // Then
        assertThat(unknown).isEqualTo(Owner.UNRESOLVED);
        assertThat(session).isEqualTo(new Owner(ContainerRef.NONE, OwnerName.COMMAND));
    }

    /** A container's command line is memory that the container can make unreadable for any time. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void readsNoCommandLineInAContainer() throws IOException {
        // Given a command line that cannot be read without blocking
        process(77, 5, "0::/docker/" + CONTAINER);
        mkfifo(proc.resolve("77/cmdline"));
        // When
        OwnerName name = name(0, 77);
        // Then
        assertThat(name).isEqualTo(new OwnerName("abababababab", NameKind.CONTAINER));
    }

    private static void mkfifo(Path path) throws IOException {
        Process command = new ProcessBuilder("mkfifo", path.toString()).start();
        assertThat(command.onExit().join().exitValue()).isZero();
    }

    @Test
    void namesBelowAContainerOrAUserGiveNoOtherContainersName() throws IOException {
        // Given
        Path docker = Files.createDirectories(directory.resolve("docker/containers/" + OTHER));
        Files.writeString(docker.resolve("config.v2.json"), "{\"ID\":\"" + OTHER + "\",\"Name\":\"/shop-web-1\"}");
        // When
        OwnerName inDocker = name(cgroup("docker/" + CONTAINER + "/docker/" + OTHER), 0);
        OwnerName inLxc = name(cgroup("lxc.payload.guest/docker/" + OTHER), 0);
        OwnerName ofUser = name(cgroup("user.slice/user-7.slice/user@7.service/docker-" + OTHER + ".scope"), 0);
        // Then
        assertThat(inDocker).isEqualTo(new OwnerName("abababababab", NameKind.CONTAINER));
        assertThat(inLxc).isEqualTo(new OwnerName("guest", NameKind.CONTAINER));
        assertThat(ofUser).isEqualTo(new OwnerName("cdcdcdcdcdcd", NameKind.CONTAINER));
    }

    @Test
    void doesNotTakeTheProcessesContainerIfTheSocketsCgroupIsKnown() throws IOException {
        // Given
        process(77, 5, "0::/docker/" + CONTAINER);
        // When
        String container = container(cgroup("user.slice/user-0.slice/session-1.scope"), 77);
        // Then
        assertThat(container).isNull();
    }

    @Test
    void isUnresolvedIfTheProcessIsExiting() throws IOException {
        // Given a process in a container, for which the kernel shows the root, because the process is exiting
        resolver = resolver(Optional.empty());
        process(77, PF_EXITING, 5, "12:pids:/", "0::/");
        // When
        Owner owner = resolver.resolve(1, 77, LATE);
        // Then
        assertThat(owner).isEqualTo(Owner.UNRESOLVED);
        assertThat(resolver.unresolved()).isOne();
    }

    @Test
    void isUnresolvedIfThePidWasReusedBeforeTheFirstLookup() throws IOException {
        // Given a process that started 5 s after boot
        process(77, 500, "0::/docker/" + CONTAINER);
        // When
        Owner earlier = resolver.resolve(0, 77, 4 * SECOND);
        Owner later = resolver.resolve(0, 77, 6 * SECOND);
        // Then
        assertThat(earlier).isEqualTo(Owner.UNRESOLVED);
        assertThat(later.container().containerId()).isEqualTo(CONTAINER);
    }

    @Test
    void lateRecordOfAnEndedProcessDoesNotGetTheNewOwnerOfItsPid() throws IOException {
        // Given
        process(77, 500, "0::/docker/" + CONTAINER);
        assertThat(container(0, 77)).isEqualTo(CONTAINER);
        process(77, 900, "0::/docker/" + OTHER);
        now.addAndGet(10 * SECOND);
        // When
        Owner late = resolver.resolve(0, 77, 8 * SECOND);
        // Then
        assertThat(late.container().containerId()).isEqualTo(CONTAINER);
        assertThat(container(0, 77)).isEqualTo(OTHER);
    }

    @Test
    void cachesAnEndedProcessUntilItsPidIsReused() throws IOException {
        // Given
        process(77, 5, "0::/docker/" + CONTAINER);
        assertThat(container(0, 77)).isEqualTo(CONTAINER);
        // When
        Files.delete(proc.resolve("77/stat"));
        Files.delete(proc.resolve("77/cgroup"));
        now.addAndGet(10 * SECOND);
        // Then
        assertThat(container(0, 77)).isEqualTo(CONTAINER);
        // When
        process(77, 900, "0::/docker/" + OTHER);
        // Then
        assertThat(container(0, 77)).isEqualTo(OTHER);
        // When
        process(77, 901, "0::/system.slice/cron.service");
        now.addAndGet(10 * SECOND);
        // Then
        assertThat(container(0, 77)).isNull();
    }

    @Test
    void namesUnitsContainersAndPrograms() throws IOException {
        // Given
        Path docker = Files.createDirectories(directory.resolve("docker/containers/" + CONTAINER));
        Files.writeString(docker.resolve("config.v2.json"), "{\"ID\":\"" + CONTAINER + "\",\"Name\":\"/shop-web-1\"}");
        process(77, 5, "0::/user.slice/user-0.slice/session-1.scope");
        commandLine(77, "/usr/bin/java", "-Dpassword=secret", "-cp", "/opt/a.jar", "org.shop.Billing", "--key=secret");
        process(78, 5, "0::/user.slice/user-0.slice/session-1.scope");
        commandLine(78, "curl", "https://user:secret@example.org");
        long session = cgroup("user.slice/user-0.slice/session-1.scope");
        // When
        OwnerName unit = name(cgroup("system.slice/postgresql.service"), 77);
        OwnerName container = name(cgroup("docker/" + CONTAINER), 77);
        OwnerName unnamed = name(cgroup("docker/" + OTHER), 77);
        OwnerName program = name(session, 77);
        OwnerName command = name(session, 78);
        OwnerName gone = name(session, 79);
        OwnerName pod = name(cgroup("kubepods/pod" + POD + "/" + OTHER), 77);
        // Then
        assertThat(unit).isEqualTo(new OwnerName("postgresql", NameKind.UNIT));
        assertThat(container).isEqualTo(new OwnerName("shop-web-1", NameKind.CONTAINER));
        assertThat(unnamed).isEqualTo(new OwnerName("cdcdcdcdcdcd", NameKind.CONTAINER));
        assertThat(program).isEqualTo(new OwnerName("Billing", NameKind.PROCESS));
        assertThat(command).isEqualTo(OwnerName.COMMAND);
        assertThat(gone).isEqualTo(OwnerName.COMMAND);
        assertThat(pod).isEqualTo(OwnerName.NONE);
    }
}
