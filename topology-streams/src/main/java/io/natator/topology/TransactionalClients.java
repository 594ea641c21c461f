package io.natator.topology;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the clients of Kafka Streams. The producers differ from the default producers in two ways: they report each
 * committed transaction, and they abort the open transaction of a crashed instance early.
 *
 * <p>First, each producer runs a callback after each committed transaction, in the thread that committed the
 * transaction. Kafka Streams has no hook for this: with exactly-once processing, it calls {@code StateStore.commit}
 * only when a task ends, not after each transaction (StreamTask.postCommit, 4.3.1).
 *
 * <p>Second, each producer initializes its transactions as soon as it is created, in a separate thread. The broker then
 * aborts the transaction that this instance left open if it crashed before: the transactional id is stored with the
 * state (StateDirectory.initializeProcessId), so the restarted instance has the same id. Kafka Streams itself
 * initializes transactions only when the first task is assigned (StreamsProducer.initTransaction), which can take until
 * the session timeout of the crashed instance. Until then, no consumer of committed records, including the other
 * instances, could read past the open transaction.
 */
final class TransactionalClients extends DefaultKafkaClientSupplier {
    private static final Logger log = LoggerFactory.getLogger(TransactionalClients.class);

    private final Runnable committed;

    TransactionalClients(Runnable committed) {
        this.committed = committed;
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        var producer = new TransactionalProducer(config, committed);
        Thread.ofVirtual().name("natator-topology-transactions").start(producer::initializeEarly);
        return producer;
    }

    private static final class TransactionalProducer extends KafkaProducer<byte[], byte[]> {
        private final Runnable committed;
        private boolean initialized;

        TransactionalProducer(Map<String, Object> config, Runnable committed) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
            this.committed = committed;
        }

        void initializeEarly() {
            try {
                initTransactions();
            } catch (RuntimeException e) {
                // No error is thrown here: Kafka Streams initializes the transactions again later, and reports a
                // failure that persists.
                log.atDebug().setCause(e).log("Cannot initialize transactions early; Kafka Streams will retry");
            }
        }

        /** Does nothing when it is called a second time. In {@link KafkaProducer} a second call throws an exception. */
        @Override
        public synchronized void initTransactions() {
            if (!initialized) {
                super.initTransactions();
                initialized = true;
            }
        }

        @Override
        public void commitTransaction() {
            super.commitTransaction();
            committed.run();
        }
    }
}
