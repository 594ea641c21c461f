package io.natator.topology.export;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.ledger.Attributed;
import io.natator.topology.ledger.AttributedTotal;
import io.natator.topology.link.LinkStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the stores of this instance (interactive queries). A partition that is on its way to or from another instance is
 * left out as a whole: half of it would be a counter that goes back. Thread-safe.
 */
public final class LinkReader {
    private static final Logger log = LoggerFactory.getLogger(LinkReader.class);

    private final Supplier<@Nullable KafkaStreams> streams;
    private final String deltasTopic;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /**
     * A reader.
     *
     * @param streams null as long as there is none; not closed here
     * @param deltasTopic the repartition topic, whose partitions are those of the stores
     */
    public LinkReader(Supplier<@Nullable KafkaStreams> streams, String deltasTopic) {
        this.streams = streams;
        this.deltasTopic = deltasTopic;
    }

    /** A link and what it amounts to. */
    public record Link(LinkKey key, LinkTotals totals) {}

    /**
     * What one partition exports.
     *
     * @param links those with series of their own
     * @param other sum of the rest, null if there is none
     * @param retired sum of those with series of their own that are no more, null if there is none
     */
    public record Partition(
            int number,
            List<Link> links,
            @Nullable LinkTotals other,
            @Nullable LinkTotals retired) {}

    /** The partitions that are here, in order. */
    List<Partition> partitions() {
        List<Partition> partitions = new ArrayList<>();
        for (int number : numbers()) {
            partition(number).ifPresent(partitions::add);
        }
        return partitions;
    }

    /** All links that are here; without those of partitions that are not readable now. */
    public List<Link> links() {
        List<Link> links = new ArrayList<>();
        for (int number : numbers()) {
            List<Link> read = new ArrayList<>();
            try (KeyValueIterator<Bytes, LinkTotals> all =
                    this.<Bytes, LinkTotals>store(LinkStores.TOTALS, number).all()) {
                all.forEachRemaining(item -> read.add(new Link(linkKeys.decode(item.key.get()), item.value)));
                links.addAll(read);
            } catch (InvalidStateStoreException e) {
                log.atDebug().addKeyValue("partition", number).log("A partition is moving and is left out");
            }
        }
        return links;
    }

    /** What the ledger's partitions that are here have handed on, one for each. */
    List<Attributed> attributed() {
        List<Attributed> sums = new ArrayList<>();
        KafkaStreams running = running();
        if (running == null) {
            return sums;
        }
        try (KeyValueIterator<String, Attributed> all = running.store(StoreQueryParameters.fromNameAndType(
                        AttributedTotal.STORE, QueryableStoreTypes.<String, Attributed>keyValueStore()))
                .all()) {
            all.forEachRemaining(item -> sums.add(item.value));
        } catch (InvalidStateStoreException e) {
            return List.of();
        }
        return sums;
    }

    private Optional<Partition> partition(int number) {
        try {
            return Optional.of(readPartition(number));
        } catch (InvalidStateStoreException e) {
            return Optional.empty(); // leaving, or not yet here
        }
    }

    private Partition readPartition(int number) {
        ReadOnlyKeyValueStore<Bytes, LinkTotals> totals = store(LinkStores.TOTALS, number);
        List<Link> links = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> series =
                this.<Bytes, byte[]>store(LinkStores.SERIES, number).all()) {
            while (series.hasNext()) {
                Bytes key = series.next().key;
                @Nullable LinkTotals value = totals.get(key);
                if (value != null) {
                    links.add(new Link(linkKeys.decode(key.get()), value));
                }
            }
        }
        ReadOnlyKeyValueStore<String, LinkTotals> sums = store(LinkStores.OTHER, number);
        return new Partition(number, links, sums.get(LinkStores.OTHER_KEY), sums.get(LinkStores.RETIRED_KEY));
    }

    private <K, V> ReadOnlyKeyValueStore<K, V> store(String name, int partition) {
        KafkaStreams running = running();
        if (running == null) {
            throw new InvalidStateStoreException("the stores are closed");
        }
        return running.store(StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<K, V>keyValueStore())
                .withPartition(partition));
    }

    private Set<Integer> numbers() {
        Set<Integer> numbers = new TreeSet<>();
        KafkaStreams running = running();
        if (running != null) {
            running.metadataForLocalThreads().stream()
                    .flatMap(thread -> thread.activeTasks().stream())
                    .flatMap(task -> task.topicPartitions().stream())
                    .filter(partition -> partition.topic().equals(deltasTopic))
                    .forEach(partition -> numbers.add(partition.partition()));
        }
        return numbers;
    }

    private @Nullable KafkaStreams running() {
        KafkaStreams now = streams.get();
        return now != null && now.state().isRunningOrRebalancing() ? now : null;
    }
}
