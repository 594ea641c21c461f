package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.RttBuckets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Adds deltas to totals and windows. Pure. */
final class LinkCounters {
    private LinkCounters() {}

    /** The totals with the delta, from zero where there were none. */
    static LinkTotals add(@Nullable LinkTotals totals, LinkDelta delta) {
        if (totals == null) {
            totals = LinkTotals.newBuilder()
                    .setFirstSeen(instant(delta.getFrom()))
                    .setLastSeen(instant(delta.getUntil()))
                    .build();
        }
        return new LinkTotals(
                earlier(totals.getFirstSeen(), instant(delta.getFrom())),
                later(totals.getLastSeen(), instant(delta.getUntil())),
                totals.getBytesToServer() + delta.getBytesToServer(),
                totals.getBytesToClient() + delta.getBytesToClient(),
                totals.getSegmentsToServer() + delta.getSegmentsToServer(),
                totals.getSegmentsToClient() + delta.getSegmentsToClient(),
                totals.getConnectionsOpened() + delta.getConnectionsOpened(),
                totals.getConnectionsClosed() + delta.getConnectionsClosed(),
                totals.getConnectionsFailed() + delta.getConnectionsFailed(),
                failures(totals.getFailures(), delta),
                totals.getRetransmits() + delta.getRetransmits(),
                buckets(totals.getRttBuckets(), delta.getRttSamples()),
                totals.getRttSumMicros() + sum(delta.getRttSamples()),
                totals.getDurationSumMicros() + delta.getDurationMicros(),
                firstOf(delta.getClientOwner(), totals.getClientOwner()),
                totals.getDialledPort() == 0 ? delta.getDialledPort() : totals.getDialledPort());
    }

    /** Both together. */
    static LinkTotals add(@Nullable LinkTotals one, LinkTotals other) {
        if (one == null) {
            return other;
        }
        Map<String, Long> failures = new HashMap<>(one.getFailures());
        other.getFailures().forEach((reason, count) -> failures.merge(reason, count, Long::sum));
        return new LinkTotals(
                earlier(one.getFirstSeen(), other.getFirstSeen()),
                later(one.getLastSeen(), other.getLastSeen()),
                one.getBytesToServer() + other.getBytesToServer(),
                one.getBytesToClient() + other.getBytesToClient(),
                one.getSegmentsToServer() + other.getSegmentsToServer(),
                one.getSegmentsToClient() + other.getSegmentsToClient(),
                one.getConnectionsOpened() + other.getConnectionsOpened(),
                one.getConnectionsClosed() + other.getConnectionsClosed(),
                one.getConnectionsFailed() + other.getConnectionsFailed(),
                failures,
                one.getRetransmits() + other.getRetransmits(),
                merged(one.getRttBuckets(), other.getRttBuckets()),
                one.getRttSumMicros() + other.getRttSumMicros(),
                one.getDurationSumMicros() + other.getDurationSumMicros(),
                "",
                0);
    }

    /** The totals with the window, from zero where there were none. */
    static LinkTotals add(@Nullable LinkTotals totals, LinkWindow window) {
        return add(
                totals,
                new LinkTotals(
                        window.getWindowStart(),
                        window.getWindowEnd(),
                        window.getBytesToServer(),
                        window.getBytesToClient(),
                        window.getSegmentsToServer(),
                        window.getSegmentsToClient(),
                        window.getConnectionsOpened(),
                        window.getConnectionsClosed(),
                        window.getConnectionsFailed(),
                        window.getFailures(),
                        window.getRetransmits(),
                        window.getRttBuckets(),
                        window.getRttSumMicros(),
                        window.getDurationSumMicros(),
                        "",
                        0));
    }

    /** The window with the delta, which lies in it as a whole. */
    static LinkWindow add(@Nullable LinkWindow window, LinkDelta delta, long startMicros, long sizeMicros) {
        if (window == null) {
            window = LinkWindow.newBuilder()
                    .setWindowStart(instant(startMicros))
                    .setWindowEnd(instant(startMicros + sizeMicros))
                    .build();
        }
        return new LinkWindow(
                window.getWindowStart(),
                window.getWindowEnd(),
                false,
                window.getBytesToServer() + delta.getBytesToServer(),
                window.getBytesToClient() + delta.getBytesToClient(),
                window.getSegmentsToServer() + delta.getSegmentsToServer(),
                window.getSegmentsToClient() + delta.getSegmentsToClient(),
                window.getConnectionsOpened() + delta.getConnectionsOpened(),
                window.getConnectionsClosed() + delta.getConnectionsClosed(),
                window.getConnectionsFailed() + delta.getConnectionsFailed(),
                failures(window.getFailures(), delta),
                window.getRetransmits() + delta.getRetransmits(),
                buckets(window.getRttBuckets(), delta.getRttSamples()),
                window.getRttSumMicros() + sum(delta.getRttSamples()),
                window.getDurationSumMicros() + delta.getDurationMicros());
    }

    /** The same window, final. */
    static LinkWindow finalWindow(LinkWindow window) {
        return new LinkWindow(
                window.getWindowStart(),
                window.getWindowEnd(),
                true,
                window.getBytesToServer(),
                window.getBytesToClient(),
                window.getSegmentsToServer(),
                window.getSegmentsToClient(),
                window.getConnectionsOpened(),
                window.getConnectionsClosed(),
                window.getConnectionsFailed(),
                window.getFailures(),
                window.getRetransmits(),
                window.getRttBuckets(),
                window.getRttSumMicros(),
                window.getDurationSumMicros());
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static String firstOf(String one, String other) {
        return one.isEmpty() ? other : one;
    }

    private static Instant earlier(Instant one, Instant other) {
        return other.isBefore(one) ? other : one;
    }

    private static Instant later(Instant one, Instant other) {
        return other.isAfter(one) ? other : one;
    }

    private static Map<String, Long> failures(Map<String, Long> before, LinkDelta delta) {
        if (delta.getFailure().isEmpty()) {
            return before;
        }
        Map<String, Long> after = new HashMap<>(before);
        after.merge(delta.getFailure(), 1L, Long::sum);
        return after;
    }

    private static List<Long> buckets(List<Long> before, List<Long> samples) {
        if (samples.isEmpty()) {
            return before;
        }
        Long[] after = before.isEmpty() ? new Long[RttBuckets.COUNT] : before.toArray(new Long[RttBuckets.COUNT]);
        if (before.isEmpty()) {
            Arrays.fill(after, 0L);
        }
        for (long sample : samples) {
            after[RttBuckets.indexOf(sample)]++;
        }
        return Arrays.asList(after);
    }

    private static List<Long> merged(List<Long> one, List<Long> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        return IntStream.range(0, one.size())
                .mapToObj(i -> one.get(i) + other.get(i))
                .toList();
    }

    private static long sum(List<Long> samples) {
        long sum = 0;
        for (long sample : samples) {
            sum += sample;
        }
        return sum;
    }
}
