package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.collector.CollectorConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupMountTest {
    private static final String TMPFS = "31 23 0:28 / %s rw,relatime - tmpfs tmpfs rw,mode=755\n";
    private static final String PIDS = "39 31 0:36 / %s/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n";
    private static final String UNIFIED =
            "41 31 0:38 / %s/unified rw,relatime shared:5 master:1 - cgroup2 cgroup2 rw\n";
    private static final String CGROUP2 = "41 31 0:38 /../../.. %s ro,relatime - cgroup2 cgroup2 rw\n";

    @TempDir
    private Path directory;

    /** Writes a {@code mountinfo} in which {@code %s} stands for the root of the cgroups. */
    private void mounts(String... lines) throws IOException {
        Files.createDirectories(directory.resolve("proc/self"));
        Files.writeString(
                directory.resolve("proc/self/mountinfo"),
                "23 1 254:0 / / rw - ext4 /dev/vda rw\n"
                        + String.join("", lines).replace("%s", root().toString()));
    }

    private Path root() {
        return directory.resolve("cgroup");
    }

    private Optional<Path> below(Path given) {
        return CgroupMount.below(given, directory.resolve("proc"));
    }

    @Test
    void isTheGivenDirectoryIfThatIsCgroup2() throws IOException {
        // When
        mounts(CGROUP2);
        // Then
        assertThat(below(root())).contains(root());
        assertThat(below(root().resolve("natator-node"))).contains(root().resolve("natator-node"));
    }

    @Test
    void isBelowTheGivenDirectoryOnAHybridHost() throws IOException {
        // When
        mounts(TMPFS, PIDS, UNIFIED);
        // Then
        assertThat(below(root())).contains(root().resolve("unified"));
        assertThat(below(root().resolve("unified"))).contains(root().resolve("unified"));
        assertThat(below(root().resolve("pids"))).isEmpty();
    }

    @Test
    void isMissingOnAHostWithVersion1Only() throws IOException {
        // When
        mounts(TMPFS, PIDS);
        // Then
        assertThat(below(root())).isEmpty();
        assertThat(CgroupMount.find(directory.resolve("proc"))).isEmpty();
    }

    @Test
    void ignoresAMountThatAnotherOneCovers() throws IOException {
        // When
        mounts(CGROUP2, TMPFS, PIDS, UNIFIED.replace("/unified", "/a\\040b"));
        // Then
        assertThat(below(root())).contains(root().resolve("a b"));
        assertThat(CgroupMount.find(directory.resolve("proc"))).contains(root().resolve("a b"));
    }

    @Test
    void agreesWithTheKernelOnThisMachine() throws Exception {
        // When
        Path given = CollectorConfig.fromOptions("--bootstrap-servers=b:1", "--cgroup-root=/sys/fs/cgroup")
                .kernel()
                .paths()
                .cgroup2()
                .orElseThrow();
        Path found = CgroupMount.find(Path.of("/proc")).orElseThrow();
        // Then
        assertThat(typeOf(given)).isEqualTo("cgroup2fs");
        assertThat(typeOf(found)).isEqualTo("cgroup2fs");
    }

    /** Returns the type that statfs(2) reports. */
    private static String typeOf(Path path) throws IOException {
        Process stat = new ProcessBuilder("stat", "--file-system", "--format=%T", path.toString()).start();
        return new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
