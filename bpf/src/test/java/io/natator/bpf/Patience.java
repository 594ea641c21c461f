package io.natator.bpf;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** What tests on the kernel put up with on a busy machine. */
final class Patience {
    /** {@code true} where nothing may be missed: on a kernel without the artefact that {@link #missable} is about. */
    private static final boolean MISSES_NOTHING = Boolean.getBoolean("natator.missesNothing");

    private Patience() {}

    /** Long enough for what is certain to come, however busy the machine is; in the thread of the test. */
    static ConditionFactory patiently() {
        return Awaitility.await().pollInSameThread().atMost(Duration.ofSeconds(60));
    }

    /**
     * Some virtual machines run no tracing program while a thread of process 1 is the current task; then a few ends in ten
     * thousand are missed whatever we do. A kernel without that artefact is held to none.
     *
     * @param ends how many a test has
     */
    static int missable(int ends) {
        if (MISSES_NOTHING) {
            return 0;
        }
        return ends < 10 ? 1 : 2 + ends / 200;
    }
}
