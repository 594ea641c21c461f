package io.natator.topology.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which round-trip times of a connection are counted: one for each new report of one end. This is the client's
 * end if it is reported, because its round-trip times are those that the client's application experiences. Pure.
 */
final class RttSamples {
    /**
     * Maximum number of samples that are stored for a connection while its link is not decided. It is higher than the
     * number of reports in that time.
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
