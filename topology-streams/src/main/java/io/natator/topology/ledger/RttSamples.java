package io.natator.topology.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which round-trip times of a connection count: one per new report of one end. Reports of the client are
 * preferred, because the client's round-trip times are those that its application experiences. Pure.
 */
final class RttSamples {
    /**
     * Maximum number of samples of a connection whose link is not decided. No connection reports more while it waits.
     */
    private static final int MAX_SAMPLES = 64;

    private RttSamples() {}

    /**
     * The samples that the link has not counted yet, including the sample of the report.
     *
     * @param known the stored reports of the same end; null for the first report
     * @param client whether the report is of the client's end
     */
    static List<Long> after(Entry entry, CheckedSnapshot report, @Nullable Half known, boolean client) {
        long newest = known != null
                ? known.observedAt()
                : entry.stage() == Stage.DORMANT ? entry.attributed().until() : 0;
        boolean isNew = report.rttMicros() > 0 && report.half().observedAt() > newest;
        boolean isPreferred = client || entry.client() == null;
        if (!isNew || !isPreferred || entry.rttSamples().size() >= MAX_SAMPLES) {
            return entry.rttSamples();
        }
        List<Long> samples = new ArrayList<>(entry.rttSamples());
        samples.add(report.rttMicros());
        return samples;
    }
}
