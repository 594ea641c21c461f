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
 * Serdes and partitioners of the output topics of links. The partition of a record is computed from the link key in
 * Avro's single-object encoding, even if the topic uses the wire format of a schema registry. A link therefore stays in
 * its partition when the wire format changes, and consumers still read its records in order.
 */
final class LinkPartitioning {
    private LinkPartitioning() {}

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

    /**
     * A serde that converts keys from Avro's single-object encoding to the wire format of the topic. It cannot
     * deserialize.
     */
    private static Serde<Bytes> reframing(Serde<LinkKey> framing) {
        AvroSerde<LinkKey> singleObject = NatatorSerdes.linkKey();
        Serializer<LinkKey> serializer = framing.serializer();
        return Serdes.serdeFrom(
                (topic, key) -> serializer.serialize(topic, singleObject.decode(key.get())), (topic, bytes) -> {
                    throw new UnsupportedOperationException("this serde only writes");
                });
    }

    private static <K, V> StreamPartitioner<K, V> stable(Function<K, byte[]> encoding) {
        return (topic, key, value, partitions) ->
                Optional.of(Set.of(BuiltInPartitioner.partitionForKey(encoding.apply(key), partitions)));
    }
}
