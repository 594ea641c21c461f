package io.natator.topology;

import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.identity.GlobalStoreProcessor;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.identity.StoredDnsNames;
import io.natator.topology.identity.StoredIdentities;
import io.natator.topology.ledger.ActivityRules;
import io.natator.topology.ledger.LedgerOutput;
import io.natator.topology.ledger.LedgerProcessorSupplier;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.link.LinkProcessors;
import io.natator.topology.siem.ActivityFormat;
import io.natator.topology.siem.ActivityProcessorSupplier;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Builds the topology of Kafka Streams. The ledger (which merges the reports of both ends of a connection) reads the
 * topic {@code connections}. Its deltas are repartitioned by link, and added up to a total per link and to time
 * windows. Its activity events are published. The topics {@code identities} and {@code dns-names} are read into global
 * stores. All operators, stores and topics have explicit names. State is stored under these names, so an upgrade must
 * not change them.
 */
public final class NatatorTopology {
    /**
     * Kafka Streams derives the name of the repartition topic from this name: application id, this name,
     * {@code repartition}.
     */
    private static final String DELTAS = "link-deltas";

    private NatatorTopology() {}

    /** Builds the topology for a caller that does not read its statistics. */
    public static Topology build(TopologyConfig config) {
        return build(config, new TopologyStatistics(), NameLookup.NONE, new CommittedStores());
    }

    /** Builds the topology with all topics in Avro's single-object encoding. */
    static Topology build(
            TopologyConfig config, TopologyStatistics statistics, NameLookup nameLookup, CommittedStores stores) {
        return build(config, statistics, nameLookup, stores, TopicSerdes.of(null));
    }

    /**
     * Builds the topology.
     *
     * @param statistics counters that all tasks of this instance share
     * @param nameLookup finds names of external addresses; not closed here
     * @param stores makes the stores of tasks readable for other threads; {@link CommittedStores#committed} must be
     *     called after each transaction
     * @param serdes serdes of the topics
     */
    public static Topology build(
            TopologyConfig config,
            TopologyStatistics statistics,
            NameLookup nameLookup,
            CommittedStores stores,
            TopicSerdes serdes) {
        var builder = new StreamsBuilder();
        String prefix = config.kafka().topicPrefix();

        builder.addGlobalStore(
                globalStore(StoredIdentities.supplier()),
                Topic.IDENTITIES.name(prefix),
                Consumed.with(serdes.identityKey(), Serdes.ByteArray()).withName("identities"),
                () -> new GlobalStoreProcessor<>(
                        StoredIdentities.STORE,
                        serdes.identity(),
                        NatatorSerdes.identity(),
                        statistics.undecodableIdentities,
                        key -> {
                            if (StoredIdentities.caches(key)) {
                                statistics.identityChanges.increment();
                            }
                        }));

        boolean hasActivity = config.activity().format() != ActivityFormat.OFF;
        KStream<Bytes, LedgerOutput> outputs = builder.stream(
                        Topic.CONNECTIONS.name(prefix),
                        Consumed.with(serdes.fingerprint(), serdes.connectionSnapshot())
                                .withName("connections-source"))
                .process(
                        new LedgerProcessorSupplier(
                                config.connections().ledger(),
                                config.naming().rules(nameLookup),
                                hasActivity
                                        ? new ActivityRules(config.activity().interval())
                                        : null,
                                config.links().windows().size(),
                                statistics,
                                stores),
                        Named.as("ledger-rules"));

        if (hasActivity) {
            outputs.process(new ActivityProcessorSupplier(config.activity(), statistics), Named.as("activity"))
                    .to(
                            Topic.NETWORK_ACTIVITY.name(prefix),
                            Produced.with(Serdes.String(), Serdes.ByteArray()).withName("network-activity-sink"));
        }

        KStream<Bytes, LinkDelta> deltas = outputs.flatMapValues(NatatorTopology::delta, Named.as("link-deltas-only"))
                .repartition(Repartitioned.with(Serdes.Bytes(), LinkProcessors.deltaSerde())
                        .withName(DELTAS));

        deltas.process(
                        LinkProcessors.totals(
                                config.links()
                                        .series()
                                        .perPartition(config.kafka().partitions()),
                                config.links().publishInterval(),
                                config.links().retention(),
                                statistics,
                                stores),
                        Named.as("totals"))
                .to(Topic.LINKS.name(prefix), LinkPartitioning.totals(serdes).withName("links-sink"));

        deltas.process(
                        LinkProcessors.windows(
                                config.links().windows(), config.links().publishInterval(), statistics, stores),
                        Named.as("windows"))
                .to(
                        Topic.LINK_THROUGHPUT.name(prefix),
                        LinkPartitioning.windows(serdes).withName("link-throughput-sink"));

        // Kafka Streams numbers the tasks in the order of the operators. This operator was added later. It is the last,
        // so that the numbers of the other tasks, and with them the names of state directories, did not change.
        builder.addGlobalStore(
                globalStore(StoredDnsNames.supplier(config.naming().dnsNames().limit())),
                Topic.DNS_NAMES.name(prefix),
                Consumed.with(serdes.dnsNameKey(), Serdes.ByteArray()).withName("dns-names"),
                () -> new GlobalStoreProcessor<>(
                        StoredDnsNames.STORE,
                        serdes.dnsName(),
                        NatatorSerdes.dnsName(),
                        statistics.undecodableDnsNames,
                        key -> {}));

        return builder.build();
    }

    private static StoreBuilder<KeyValueStore<String, byte[]>> globalStore(KeyValueBytesStoreSupplier supplier) {
        return Stores.keyValueStoreBuilder(supplier, Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled();
    }

    private static List<LinkDelta> delta(LedgerOutput output) {
        return output.delta() == null ? List.of() : List.of(output.delta());
    }
}
