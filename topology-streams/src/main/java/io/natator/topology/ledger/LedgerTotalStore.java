package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Stores the sum of all growth that one partition of the ledger has attributed to links. The sum is as durable as the
 * ledger. The sums of all partitions together must equal the sum over all links; a difference shows a fault.
 */
public final class LedgerTotalStore {
    /** Name of the state store. */
    public static final String STORE = "ledger-attributed";

    /** Key of the only record of a partition. */
    public static final String KEY = "attributed";

    private static final LedgerTotal NONE = LedgerTotal.newBuilder()
            .setBytesToServer(0)
            .setBytesToClient(0)
            .setConnectionsOpened(0)
            .setConnectionsClosed(0)
            .setConnectionsFailed(0)
            .build();

    private final CommittedStores stores;
    private final CommittedStore<String, LedgerTotal> store;
    private LedgerTotal sum;

    LedgerTotalStore(ProcessorContext<?, ?> context, CommittedStores stores) {
        this.stores = stores;
        store = stores.open(context, STORE);
        LedgerTotal stored = store.get(KEY);
        sum = stored == null ? NONE : stored;
    }

    void close() {
        stores.close(store);
    }

    void flush() {
        store.flush();
    }

    void add(LinkDelta delta) {
        LedgerTotal before = sum;
        sum = LedgerTotal.newBuilder()
                .setBytesToServer(before.getBytesToServer() + delta.traffic().bytesToServer())
                .setBytesToClient(before.getBytesToClient() + delta.traffic().bytesToClient())
                .setConnectionsOpened(
                        before.getConnectionsOpened() + delta.connections().opened())
                .setConnectionsClosed(
                        before.getConnectionsClosed() + delta.connections().closed())
                .setConnectionsFailed(
                        before.getConnectionsFailed() + delta.connections().failed())
                .build();
        store.put(KEY, before, sum);
    }
}
