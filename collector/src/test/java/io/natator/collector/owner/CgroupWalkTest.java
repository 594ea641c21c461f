package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests walks through real cgroups. Needs root. */
class CgroupWalkTest {
    private static final String CONTAINER = "ab".repeat(32);

    private TestCgroups cgroups;

    @BeforeEach
    void setUp() {
        cgroups = new TestCgroups();
    }

    @AfterEach
    void tearDown() {
        cgroups.close();
    }

    @Test
    void continuesAfterACgroupThatDisappears() {
        // Given
        List<Path> children = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            children.add(cgroups.make("a/" + i + "/b"));
        }
        List<Path> visited = new ArrayList<>();
        List<Path> removed = new ArrayList<>();
        // When
        boolean complete = CgroupWalk.walk(cgroups.root(), (directory, id) -> {
            visited.add(directory);
            // Removes a cgroup that the walk has not visited yet, although it has read the parent of the cgroup.
            if (directory.endsWith("b") && removed.isEmpty()) {
                Path next = children.stream()
                        .filter(child -> !visited.contains(child))
                        .findFirst()
                        .orElseThrow();
                cgroups.remove(next);
                cgroups.remove(next.resolve("..").normalize());
                removed.add(next);
            }
        });
        // Then
        assertThat(complete).isTrue();
        assertThat(removed).hasSize(1);
        assertThat(visited).filteredOn(directory -> directory.endsWith("b")).hasSize(19);
    }

    @Test
    void incompleteWalkIsNotRemembered() throws IOException {
        // Given a directory below the mount that cannot be read as a cgroup
        Path mount = Files.createTempDirectory("cgroups");
        Path file = Files.createFile(mount.resolve("file"));
        var now = new AtomicLong();
        var tree = new CgroupTree(file, now::get);
        // When
        boolean complete = CgroupWalk.walk(file, (directory, id) -> {});
        tree.owner(Long.MAX_VALUE);
        Files.delete(file);
        Path later = Files.createDirectory(file);
        long id = CgroupWalk.inode(Files.createDirectory(later.resolve(CONTAINER)));
        now.addAndGet(1_000_000_000);
        // Then
        assertThat(complete).isFalse();
        assertThat(tree.owner(id)).isEqualTo(new CgroupOwner(new ContainerRef(CONTAINER, null), CONTAINER, null));
        Files.delete(later.resolve(CONTAINER));
        Files.delete(later);
        Files.delete(mount);
    }

    /** A cgroup of the test's own, and the cgroups below it. */
    static final class TestCgroups implements AutoCloseable {
        private final Path root = CgroupMount.find(Path.of("/proc"))
                .orElseThrow()
                .resolve("natator-test-" + Long.toHexString(System.nanoTime()));

        TestCgroups() {
            make("");
        }

        Path root() {
            return root;
        }

        Path make(String path) {
            try {
                return Files.createDirectories(root.resolve(path));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot create a cgroup: run as root, with a writable cgroup2", e);
            }
        }

        void remove(Path cgroup) {
            try {
                Files.delete(cgroup);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            List<Path> all = new ArrayList<>();
            CgroupWalk.walk(root, (directory, id) -> all.add(directory));
            all.reversed().forEach(this::remove);
        }
    }
}
