package io.natator.topology;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka Streams' own clients, with producers that do two things more.
 *
 * <p>They tell when their transaction has been committed, in the thread that committed it. Streams has no hook there: with
 * exactly-once, {@code StateStore.commit} is called when a task ends and not after each transaction
 * (StreamTask.postCommit, 4.3.1).
 *
 * <p>They initialize their transactions as soon as they exist, in a thread of their own. The transactional id of a stream
 * thread is stored with its state (StateDirectory.initializeProcessId), so that an instance that starts again after a crash
 * aborts the transaction that the crash left open. Streams itself does it when the first task is assigned (StreamsProducer.
 * initTransaction), which may be as late as the session timeout of the crashed instance; until then nobody who reads only
 * what is committed gets past that transaction, and neither do the other instances.
 */
final class CommitNotifyingClients extends DefaultKafkaClientSupplier {
    private static final Logger log = LoggerFactory.getLogger(CommitNotifyingClients.class);

    private final Runnable committed;

    CommitNotifyingClients(Runnable committed) {
        this.committed = committed;
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        var producer = new CommitTellingProducer(config, committed);
        Thread.ofVirtual().name("natator-topology-transactions").start(producer::initializeEarly);
        return producer;
    }

    private static final class CommitTellingProducer extends KafkaProducer<byte[], byte[]> {
        private final Runnable committed;
        private boolean initialized;

        CommitTellingProducer(Map<String, Object> config, Runnable committed) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
            this.committed = committed;
        }

        void initializeEarly() {
            try {
                initTransactions();
            } catch (RuntimeException e) {
                // Streams tries again, and reports what does not pass.
                log.atDebug().setCause(e).log("Transactions could not be initialized early");
            }
        }

        /** A second call, which the producer itself refuses, does nothing. */
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
