package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/** The running sum of what this partition of the ledger has handed on to links; durable like the ledger itself. */
public final class LedgerTotalStore {
    /** Name of its store. */
    public static final String STORE = "ledger-attributed";

    /** Key of the one record of a partition. */
    public static final String KEY = "attributed";

    private static final LedgerTotal NOTHING = new LedgerTotal(0L, 0L, 0L, 0L, 0L);

    private final CommittedStores stores;
    private final CommittedStore<String, LedgerTotal> store;
    private LedgerTotal sum;

    LedgerTotalStore(ProcessorContext<?, ?> context, CommittedStores stores) {
        this.stores = stores;
        store = stores.open(context, STORE);
        LedgerTotal stored = store.get(KEY);
        sum = stored == null ? NOTHING : stored;
    }

    void close() {
        stores.close(store);
    }

    void flush() {
        store.flush();
    }

    void add(LinkDelta delta) {
        LedgerTotal before = sum;
        sum = new LedgerTotal(
                sum.getBytesToServer() + delta.getBytesToServer(),
                sum.getBytesToClient() + delta.getBytesToClient(),
                sum.getConnectionsOpened() + delta.getConnectionsOpened(),
                sum.getConnectionsClosed() + delta.getConnectionsClosed(),
                sum.getConnectionsFailed() + delta.getConnectionsFailed());
        store.put(KEY, before, sum);
    }
}
