package io.natator.local;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Shows why the pipeline is not ready yet, and then its busiest links. */
final class LiveView {
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    /**
     * The pipeline counts as ready without connections after this many checks. The first snapshot of connections arrives
     * sooner if there are connections.
     */
    private static final int QUIET_CHECKS = 6;

    /**
     * How often the view is updated.
     *
     * @param untilReady time between two checks whether the pipeline is ready
     * @param table time between two tables of links
     */
    record Refresh(Duration untilReady, Duration table) {
        static final Refresh DEFAULT = new Refresh(Duration.ofMillis(500), Duration.ofSeconds(2));
    }

    /**
     * The state of the pipeline, apart from its links.
     *
     * @param failure why the pipeline has failed; empty if it has not failed
     * @param notice a line about the cluster; empty if there is none
     */
    record State(Supplier<Optional<String>> failure, Supplier<String> notice) {}

    private final LinksClient client;
    private final State state;
    private final LinkTable table;
    private final Refresh refresh;
    private final PrintWriter out;
    private final boolean terminal;
    private String lastNotice = "";

    /** @param terminal true if {@code out} is a terminal, which is then cleared before each table */
    LiveView(LinksClient client, State state, LinkTable table, Refresh refresh, PrintWriter out, boolean terminal) {
        this.client = client;
        this.state = state;
        this.table = table;
        this.refresh = refresh;
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows the pipeline until it is stopped or has failed. */
    void show(CountDownLatch stop) throws IOException, InterruptedException {
        if (!awaitReady(stop)) {
            return;
        }
        boolean shown = false;
        long last = System.nanoTime();
        while (isRunningAfter(refresh.table(), stop)) {
            List<LinkRow> links = client.links();
            long now = System.nanoTime();
            String text = table.render(links, Duration.ofNanos(now - last));
            last = now;
            shown = shown || !links.isEmpty();
            if (shown) {
                out.println((terminal ? CLEAR_SCREEN : "") + text);
            }
            showNotice(terminal && shown);
        }
    }

    /**
     * Prints each reason why the pipeline is not ready yet. Returns false if the pipeline is stopped or fails before it
     * is ready.
     */
    private boolean awaitReady(CountDownLatch stop) throws IOException, InterruptedException {
        String printed = "";
        int quietChecks = 0;
        do {
            String reason = client.unready();
            quietChecks = !reason.isEmpty() && client.isWaitingForConnections() ? quietChecks + 1 : 0;
            if (reason.isEmpty() || quietChecks == QUIET_CHECKS) {
                out.println("natator: ready; "
                        + (reason.isEmpty() ? "the busiest links follow" : "no connection was seen yet")
                        + ", Ctrl-C stops");
                out.println();
                return true;
            }
            if (quietChecks == 0
                    && !reason.equals(printed)
                    && state.failure().get().isEmpty()) {
                out.println("natator: waiting: " + reason);
                printed = reason;
            }
            showNotice(false);
        } while (isRunningAfter(refresh.untilReady(), stop));
        return false;
    }

    private boolean isRunningAfter(Duration pause, CountDownLatch stop) throws InterruptedException {
        return state.failure().get().isEmpty()
                && !stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)
                && state.failure().get().isEmpty();
    }

    /** @param again true if the line is printed even if it has not changed, because the screen was cleared */
    private void showNotice(boolean again) {
        String notice = state.notice().get();
        if (!notice.isEmpty() && (again || !notice.equals(lastNotice))) {
            out.println("natator: " + notice);
        }
        lastNotice = notice;
    }
}
