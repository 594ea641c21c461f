package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.TopologyStatistics;
import java.time.Duration;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.jspecify.annotations.Nullable;

/** The ledger as a part of a topology. */
public final class Ledgers {
    private Ledgers() {}

    /**
     * From snapshots by fingerprint to deltas and events by encoded link key. Needs the global store of identities. Throws {@link
     * RefusedSnapshotException} for what cannot be true.
     *
     * @param activityInterval how often the traffic of a long connection is told; null for no events at all
     * @param windowSize within which growth of a link may be summed up before it is handed on
     * @param stores where the sum of what it hands on can be read
     */
    public static ProcessorSupplier<Long, ConnectionSnapshot, Bytes, LedgerOutput> processor(
            LedgerRetention bounds,
            NamingRules rules,
            @Nullable Duration activityInterval,
            Duration windowSize,
            TopologyStatistics statistics,
            CommittedStores stores) {
        @Nullable ActivityRules activity = activityInterval == null ? null : new ActivityRules(activityInterval);
        return new LedgerProcessor.Supplier(bounds, rules, activity, windowSize, statistics, stores);
    }
}
