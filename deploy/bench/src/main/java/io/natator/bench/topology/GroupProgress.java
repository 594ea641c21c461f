package io.natator.bench.topology;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Reports how far a consumer group has read a topic. */
final class GroupProgress implements AutoCloseable {
    /**
     * Maximum number of offsets after the last record of a partition. They belong to transaction markers, which are no
     * records.
     */
    private static final int MARKERS_PER_PARTITION = 4;

    private final Admin admin;
    private final String group;

    GroupProgress(String bootstrapServers, String group) {
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        this.group = group;
    }

    /**
     * The number of a topic's records that the group has read and committed. The topic must have been written without
     * transactions.
     */
    long committed(String topic) throws ExecutionException, InterruptedException {
        return offsets(topic).values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns true if the group has read the whole topic; false also if it has committed nothing yet. */
    boolean isDrained(String topic) throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> committed = offsets(topic);
        if (committed.isEmpty()) {
            return false;
        }
        var latest = committed.keySet().stream().collect(Collectors.toMap(it -> it, it -> OffsetSpec.latest()));
        long ends = admin.listOffsets(latest).all().get().values().stream()
                .mapToLong(end -> end.offset())
                .sum();
        long done = committed.values().stream().mapToLong(Long::longValue).sum();
        return ends - done <= (long) MARKERS_PER_PARTITION * committed.size();
    }

    private Map<TopicPartition, Long> offsets(String topic) throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .filter(entry -> entry.getKey().topic().equals(topic) && entry.getValue() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    @Override
    public void close() {
        admin.close();
    }
}
