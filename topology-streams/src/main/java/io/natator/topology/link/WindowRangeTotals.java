package io.natator.topology.link;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.topology.state.CommittedStore;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;

/** Adds up the windows of each link over a range of time. */
public final class WindowRangeTotals {
    private WindowRangeTotals() {}

    /**
     * Adds up, for each link, the windows that start within the range. The result has the encoded link keys as keys. In
     * a sum, {@code firstSeen} is the start of the link's first window in the range, and {@code lastSeen} is the end of
     * its last window.
     *
     * @param windows the store {@link LinkStores#WINDOWS}
     * @param from inclusive
     * @param to exclusive
     */
    public static Map<Bytes, LinkTotals> of(CommittedStore<Bytes, LinkWindow> windows, Instant from, Instant to) {
        Map<Bytes, LinkTotals> sums = new HashMap<>();
        windows.committed(WindowKeys.from(Micros.of(from)), WindowKeys.from(Micros.of(to)))
                .forEach((key, window) -> sums.compute(
                        Bytes.wrap(WindowKeys.link(key)), (link, before) -> LinkAggregates.add(before, window)));
        return sums;
    }
}
