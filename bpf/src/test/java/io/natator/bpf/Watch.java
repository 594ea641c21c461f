package io.natator.bpf;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A tool for developers: prints every TCP record of the kernel side, one per line, and the statistics at the end.
 *
 * <p>{@code Watch SECONDS STOP_FILE [LIVE_MILLIS] [NAME=VALUE ...]} ends after this number of seconds, or when the file
 * exists. It prints the counters of open connections every {@code LIVE_MILLIS} milliseconds (default 0: never). The
 * names set {@link TcpTrackerOptions}: {@code pin} (pin directory), {@code ring} (bytes), {@code spill}, {@code fold}
 * and {@code live} (entries).
 *
 * <p>{@code bpf/README.md} shows how to start it.
 */
public final class Watch {
    private static final int BATCH = 512;
    private static final Duration PAUSE = Duration.ofMillis(50);
    /** Wait at the end, because softirqs report the last closes a moment after the traffic has ended. */
    private static final Duration LAST_PAUSE = Duration.ofMillis(300);

    private final TcpTracker tracker;
    private final PrintStream out;

    private Watch(TcpTracker tracker, PrintStream out) {
        this.tracker = tracker;
        this.out = out;
    }

    /**
     * Prints records until the stop file exists or the time is over.
     *
     * @param args see {@link Watch}
     */
    public static void main(String[] args) throws InterruptedException {
        long seconds = Long.parseLong(args[0]);
        Path stop = Path.of(args[1]);
        long liveMillis = args.length > 2 ? Long.parseLong(args[2]) : 0;
        TcpTrackerOptions options = TcpTrackerOptions.defaults();
        for (int index = 3; index < args.length; index++) {
            options = with(options, args[index]);
        }
        try (TcpTracker tracker = TcpTracker.open(options)) {
            var watch = new Watch(tracker, System.out);
            watch.out.println("READY");
            watch.run(Duration.ofSeconds(seconds), stop, Duration.ofMillis(liveMillis));
            watch.printStatistics();
        }
    }

    private static TcpTrackerOptions with(TcpTrackerOptions options, String argument) {
        String[] parts = argument.split("=", 2);
        return switch (parts[0]) {
            case "pin" -> options.withPinDirectory(Path.of(parts[1]));
            case "ring" -> options.withRingBytes(Integer.parseInt(parts[1]));
            case "spill" -> options.withSpillCapacity(Integer.parseInt(parts[1]));
            case "fold" -> options.withFoldCapacity(Integer.parseInt(parts[1]));
            case "live" -> options.withLiveCapacity(Integer.parseInt(parts[1]));
            default -> throw new IllegalArgumentException(argument + ": unknown: pin, ring, spill, fold or live");
        };
    }

    private void run(Duration limit, Path stop, Duration livePeriod) throws InterruptedException {
        long begin = System.nanoTime();
        long lastLive = begin;
        while (System.nanoTime() - begin < limit.toNanos() && !Files.exists(stop)) {
            if (livePeriod.isPositive() && System.nanoTime() - lastLive > livePeriod.toNanos()) {
                lastLive = System.nanoTime();
                tracker.readLive(this::print);
            }
            if (printEvents() == 0) {
                Thread.sleep(PAUSE);
            }
        }
        Thread.sleep(LAST_PAUSE);
        while (printEvents() > 0) {
            out.flush();
        }
    }

    private int printEvents() {
        SocketBatch batch = tracker.poll(BATCH);
        batch.records().forEach(this::print);
        batch.release();
        out.flush();
        return batch.records().size();
    }

    private void print(SocketRecord it) {
        out.println(it.event() + " " + it.connection().role() + " " + it.owner().command() + "/"
                + it.owner().pid()
                + " " + it.connection().local().address().getHostAddress() + ":"
                + it.connection().local().port()
                + " " + it.connection().remote().address().getHostAddress() + ":"
                + it.connection().remote().port()
                + " sent=" + it.counters().bytesSent() + " acked="
                + it.counters().bytesAcked() + " received=" + it.counters().bytesReceived()
                + " segments=" + it.counters().segmentsSent() + "/"
                + it.counters().segmentsReceived() + " retransmits="
                + it.counters().retransmits()
                + " reason=" + it.lifecycle().closeReason() + " fingerprint="
                + Long.toHexString(it.connection().fingerprint())
                + " cookie=" + it.id().cookie() + " namespace="
                + it.connection().networkNamespace() + " cgroup=" + it.owner().cgroupId()
                + " connections=" + it.counters().connections()
                + " millis=" + (it.lifecycle().observedNanos() - it.id().startNanos()) / 1_000_000);
    }

    private void printStatistics() {
        SocketSourceStatistics figures = tracker.statistics();
        out.println("STATISTICS opened=" + figures.count(KernelStatistic.OPENED) + " closed="
                + figures.count(KernelStatistic.CLOSED) + " failed="
                + figures.count(KernelStatistic.FAILED) + " spilled=" + figures.count(KernelStatistic.SPILLED)
                + " folded=" + figures.count(KernelStatistic.FOLDED) + " lost="
                + figures.count(KernelStatistic.LOST) + " opensSkipped=" + figures.count(KernelStatistic.OPENS_SKIPPED)
                + " liveSkipped=" + figures.count(KernelStatistic.LIVE_SKIPPED)
                + " listenersSkipped=" + figures.count(KernelStatistic.LISTENERS_SKIPPED)
                + " recursionMisses=" + figures.recursionMisses() + " foldEntries="
                + figures.fold().used());
    }
}
