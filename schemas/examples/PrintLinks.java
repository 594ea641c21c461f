import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the compacted topic of links to its end and prints the latest totals, one line per link. The fields are
 * separated by tabs: client, server, port, bytes to the server, bytes to the client, connections opened, closed,
 * failed.
 *
 * <p>Needs natator-schemas, kafka-clients and avro on the class path: {@code java -cp … PrintLinks.java BOOTSTRAP}.
 */
class PrintLinks {
    public static void main(String[] args) {
        String bootstrapServers = args.length > 0 ? args[0] : "localhost:9092";
        // topology-streams writes in transactions, and read_committed skips those that were aborted.
        Map<String, Object> settings =
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(
                settings,
                NatatorSerdes.linkKey().deserializer(),
                NatatorSerdes.linkTotals().deserializer())) {
            latestTotals(consumer, Topic.LINKS.name(Topic.DEFAULT_PREFIX)).forEach(PrintLinks::print);
        }
    }

    private static Map<LinkKey, LinkTotals> latestTotals(KafkaConsumer<LinkKey, LinkTotals> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<LinkKey, LinkTotals> links = new HashMap<>();
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                if (record.value() == null) {
                    links.remove(record.key()); // a tombstone: the link was idle for long and is no longer stored
                } else {
                    links.put(record.key(), record.value());
                }
            }
        }
        return links;
    }

    private static void print(LinkKey link, LinkTotals totals) {
        System.out.println(String.join(
                "\t",
                link.getClient().getNamespace() + "/" + link.getClient().getName(),
                link.getServer().getNamespace() + "/" + link.getServer().getName(),
                Integer.toString(link.getServerPort()),
                Long.toString(totals.getBytesToServer()),
                Long.toString(totals.getBytesToClient()),
                Long.toString(totals.getConnectionsOpened()),
                Long.toString(totals.getConnectionsClosed()),
                Long.toString(totals.getConnectionsFailed())));
    }
}
