package io.natator.topology;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/**
 * Kafka Streams' own clients, with producers that tell when their transaction has been committed, in the thread that
 * committed it. Streams has no hook there: with exactly-once, {@code StateStore.commit} is called when a task ends and
 * not after each transaction (StreamTask.postCommit, 4.3.1).
 */
final class CommitTellingClients extends DefaultKafkaClientSupplier {
    private final Runnable committed;

    CommitTellingClients(Runnable committed) {
        this.committed = committed;
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new CommitTellingProducer(config, committed);
    }

    private static final class CommitTellingProducer extends KafkaProducer<byte[], byte[]> {
        private final Runnable committed;

        CommitTellingProducer(Map<String, Object> config, Runnable committed) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
            this.committed = committed;
        }

        @Override
        public void commitTransaction() {
            super.commitTransaction();
            committed.run();
        }
    }
}
