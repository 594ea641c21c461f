package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.TopologyStatistics;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;

/** The ledger as a part of a topology. */
public final class Ledgers {
    private Ledgers() {}

    /**
     * From snapshots by fingerprint to deltas by encoded link key. Needs the global store of identities. Throws {@link
     * RefusedSnapshotException} for what cannot be true.
     */
    public static ProcessorSupplier<Long, ConnectionSnapshot, Bytes, LinkDelta> processor(
            LedgerBounds bounds, NamingRules rules, TopologyStatistics statistics) {
        return new LedgerProcessor.Supplier(bounds, rules, statistics);
    }
}
