package io.natator.topology.siem;

import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.ledger.LedgerOutput;
import io.natator.topology.state.CommitHook;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Connects an {@link ActivityPublisher} to Kafka Streams, which calls it for each event, periodically and before each
 * commit.
 */
final class ActivityProcessor implements Processor<Bytes, LedgerOutput, String, byte[]> {
    /**
     * Name of the state store of folded events (sums of events above the limit). A key is the id of the activity (1
     * byte) and the encoded link key; the value is a {@link FoldedActivity}.
     */
    static final String FOLDED = "activity-folded";

    static final String COMMIT = "activity-commit";

    private final ActivityProcessorSupplier supplier;
    private @Nullable ActivityPublisher publisher;

    ActivityProcessor(ActivityProcessorSupplier supplier) {
        this.supplier = supplier;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        var started = new ActivityPublisher(context, supplier);
        publisher = started;
        CommitHook.register(context, COMMIT, started::flush);
        context.schedule(
                FoldedEvents.PUBLISH_INTERVAL, PunctuationType.WALL_CLOCK_TIME, wallMillis -> started.publishFolded());
    }

    @Override
    public void process(Record<Bytes, LedgerOutput> record) {
        if (publisher != null && record.key() != null && record.value() != null) {
            for (ConnectionEvent event : record.value().events()) {
                publisher.onEvent(record.key(), record.value().connection(), event);
            }
        }
    }

    @Override
    public void close() {
        publisher = null;
    }
}
