package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.collector.owner.CgroupWalkTest.TestCgroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the watch of real cgroups. Needs root. */
class CgroupWatchTest {
    private static final String POD = "4a0a7fd8-1f5e-4d7b-9a54-6a1b1c2d3e4f";
    private static final ContainerRef EARLIER = container(1);
    private static final ContainerRef LATER = container(2);
    private static final ContainerRef LATEST = container(3);

    private final Queue<ContainerRef> added = new ConcurrentLinkedQueue<>();
    private TestCgroups cgroups;
    private CgroupTree tree;
    private @Nullable CgroupWatch watch;

    @BeforeEach
    void setUp() {
        cgroups = new TestCgroups();
        tree = new CgroupTree(cgroups.root(), System::nanoTime);
    }

    @AfterEach
    void tearDown() {
        if (watch != null) {
            watch.close();
        }
        cgroups.close();
    }

    private static ContainerRef container(int number) {
        return new ContainerRef("%064x".formatted(number), POD);
    }

    /** Makes the cgroup of a container, removes it as soon as the watch has added it, and returns its id. */
    private long run(ContainerRef container) throws IOException {
        Path cgroup = cgroups.make("kubepods/pod" + POD + "/" + container.containerId());
        long id = CgroupWalk.inode(cgroup);
        await().until(() -> added.contains(container));
        cgroups.remove(cgroup);
        return id;
    }

    private void start() {
        watch = CgroupWatch.start(tree, cgroup -> added.add(cgroup.container()));
    }

    @Test
    void knowsCgroupsThatEndedBeforeTheFirstLookup() throws IOException {
        // Given a container that exists before the watch
        Path existing = cgroups.make("kubepods/pod" + POD + "/" + EARLIER.containerId());
        long earlier = CgroupWalk.inode(existing);
        start();
        await().until(() -> added.contains(EARLIER));
        cgroups.remove(existing);
        // When containers of the pod, and of a pod that is created anew, end before the first lookup
        long later = run(LATER);
        cgroups.remove(cgroups.root().resolve("kubepods/pod" + POD));
        long latest = run(LATEST);
        // Then
        assertThat(tree.owner(earlier)).isEqualTo(new CgroupOwner(EARLIER, null, null));
        assertThat(tree.owner(later)).isEqualTo(new CgroupOwner(LATER, null, null));
        assertThat(tree.owner(latest)).isEqualTo(new CgroupOwner(LATEST, null, null));
        assertThat(watch).isNotNull().extracting(CgroupWatch::unwatched).isEqualTo(0L);
    }

    /** Java stores at most 512 events of a directory, and then reports an overflow as it does for that of the kernel. */
    @Test
    void readsTheCgroupsAgainIfEventsWereLost() {
        // Given a watch that is busy
        var free = new CountDownLatch(1);
        var busy = new CountDownLatch(1);
        watch = CgroupWatch.start(tree, cgroup -> {
            added.add(cgroup.container());
            if (EARLIER.equals(cgroup.container())) {
                busy.countDown();
                awaitUninterruptibly(free);
            }
        });
        Path pod = cgroups.make("kubepods/pod" + POD);
        cgroups.make("kubepods/pod" + POD + "/" + EARLIER.containerId());
        awaitUninterruptibly(busy);
        // When
        for (int i = 0; i < 600; i++) {
            cgroups.make(pod.getFileName() + "-" + i);
        }
        cgroups.make("last/" + LATER.containerId());
        free.countDown();
        // Then
        await().until(() -> added.contains(new ContainerRef(LATER.containerId(), null)));
        assertThat(watch).isNotNull().extracting(CgroupWatch::missed).isEqualTo(0L);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void cgroupThatIsUnknownToTheWatchStaysUnknown() throws IOException {
        // Given
        start();
        // When
        CgroupOwner owner = tree.owner(Long.MAX_VALUE);
        // Then
        assertThat(owner).isNull();
    }
}
