package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfIterator;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds ("adopts") the TCP sockets that were open before the programs were attached, and reports their connections. The
 * first step finds the sockets that processes have open, and stores the process of each. The second step also finds
 * sockets that no process has open, and the subflows of MPTCP connections. The last step finds the processes of sockets
 * that were accepted in between. A connection that no step finds is still counted exactly at its close.
 */
final class Adoption {
    private static final Logger log = LoggerFactory.getLogger(Adoption.class);

    /** Maximum number of passes over the sockets of a network namespace. */
    static final int MOST_PASSES = 10;

    /** A namespace is done after this number of consecutive passes that find no new socket. */
    private static final int QUIET_PASSES = 2;

    /** Size of {@code struct adoption} of tcp_adoption.bpf.h. */
    private static final long PASS_BYTES = 16;

    private static final long REPEATED_OFFSET = 8;

    /** One search through all sockets of a network namespace. */
    @FunctionalInterface
    interface Pass {
        /**
         * Runs the pass.
         *
         * @param repeated false for the first pass in a namespace, true for the others
         * @return number of sockets that earlier passes did not find
         */
        long run(boolean repeated);
    }

    private final BpfMap pass;

    private Adoption(BpfMap pass) {
        this.pass = pass;
    }

    /** @param proc mount of the proc file system of the initial pid namespace */
    static void run(BpfObject object, Path proc) {
        new Adoption(object.map("adoption")).adopt(object, proc);
    }

    private void adopt(BpfObject object, Path proc) {
        // Listeners that are opened meanwhile and removed by mistake are found again by the next step.
        try (BpfIterator closed = object.attachIterator("check_listeners", object.map(MapNames.LISTENERS))) {
            closed.run();
        }
        try (BpfIterator owned = object.attachIterator("adopt_owned")) {
            owned.run();
            adoptUnowned(object, proc);
            owned.run();
        }
    }

    private void adoptUnowned(BpfObject object, Path proc) {
        try (BpfIterator all = object.attachIterator("adopt_all")) {
            if (Prerequisites.mayEnterNamespaces(proc)) {
                NetworkNamespaces.all(proc).forEach(namespace -> adoptWithin(namespace, all));
            } else {
                log.atInfo()
                        .addKeyValue("missing", "CAP_SYS_ADMIN")
                        .log("Sockets that no process has open are found only in our own network namespace");
                adoptHere(all);
            }
        }
    }

    private void adoptWithin(Path namespace, BpfIterator sockets) {
        try {
            NetworkNamespaces.within(namespace, () -> adoptHere(sockets));
        } catch (BpfException failure) {
            log.atDebug()
                    .addKeyValue("namespace", namespace)
                    .setCause(failure)
                    .log("Could not find the open sockets of a network namespace");
        }
    }

    private void adoptHere(BpfIterator sockets) {
        if (!repeatUntilQuiet(repeated -> adopted(sockets, repeated))) {
            log.atInfo()
                    .addKeyValue("passes", MOST_PASSES)
                    .log(
                            "Every pass over the open sockets found new ones; a socket that was not found is counted at its close");
        }
    }

    /**
     * Repeats a pass until two passes in a row find no new socket. One pass does not suffice: before Linux 6.17, an
     * iterator over TCP sockets can skip sockets if others are opened or closed at the same time ("bpf: tcp: Avoid
     * socket skips and repeats during iteration").
     *
     * @return false if {@link #MOST_PASSES} passes were not enough
     */
    static boolean repeatUntilQuiet(Pass pass) {
        int quiet = 0;
        for (int number = 0; number < MOST_PASSES && quiet < QUIET_PASSES; number++) {
            quiet = pass.run(number > 0) == 0 ? quiet + 1 : 0;
        }
        return quiet >= QUIET_PASSES;
    }

    private long adopted(BpfIterator sockets, boolean repeated) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment none = arena.allocate(PASS_BYTES, JAVA_LONG.byteAlignment());
            none.set(JAVA_INT, REPEATED_OFFSET, repeated ? 1 : 0);
            pass.put(arena.allocateFrom(JAVA_INT, 0), none);
        }
        sockets.run();
        return ByteBuffer.wrap(pass.firstValue()).order(ByteOrder.nativeOrder()).getLong(0);
    }
}
