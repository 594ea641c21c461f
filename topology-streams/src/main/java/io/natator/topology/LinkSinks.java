package io.natator.topology;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.schemas.LinkWindowKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.TopicSerdes;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * How links leave. Whatever the framing of their keys, a link keeps its partition: the one that its key has in
 * single-object encoding. So a consumer of a topic that has changed over sees each link's records in their order.
 */
final class LinkSinks {
    private LinkSinks() {}

    static Produced<Bytes, LinkTotals> totals(TopicSerdes serdes) {
        return serdes.hasRegistry()
                ? Produced.with(reframing(serdes.linkKey()), serdes.linkTotals())
                        .withStreamPartitioner(stable(Bytes::get))
                : Produced.with(Serdes.Bytes(), serdes.linkTotals());
    }

    static Produced<LinkWindowKey, LinkWindow> windows(TopicSerdes serdes) {
        Produced<LinkWindowKey, LinkWindow> produced = Produced.with(serdes.linkWindowKey(), serdes.linkWindow());
        AvroSerde<LinkWindowKey> singleObject = NatatorSerdes.linkWindowKey();
        return serdes.hasRegistry() ? produced.withStreamPartitioner(stable(singleObject::encode)) : produced;
    }

    /** Writes keys that are encoded already in another framing. */
    private static Serde<Bytes> reframing(Serde<LinkKey> framing) {
        AvroSerde<LinkKey> singleObject = NatatorSerdes.linkKey();
        Serializer<LinkKey> serializer = framing.serializer();
        return Serdes.serdeFrom(
                (topic, key) -> serializer.serialize(topic, singleObject.decode(key.get())), (topic, bytes) -> {
                    throw new UnsupportedOperationException("links are not read back");
                });
    }

    private static <K, V> StreamPartitioner<K, V> stable(Function<K, byte[]> encoding) {
        return (topic, key, value, partitions) ->
                Optional.of(Set.of(BuiltInPartitioner.partitionForKey(encoding.apply(key), partitions)));
    }
}
