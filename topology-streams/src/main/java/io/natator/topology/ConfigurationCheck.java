package io.natator.topology;

import io.natator.http.command.Problems;
import io.natator.topology.TopologyConfig.Connections;
import io.natator.topology.TopologyConfig.Streams;
import io.natator.topology.TopologyConfig.Transactions;
import io.natator.topology.ledger.LedgerRetention;
import io.natator.topology.link.SeriesLimits;
import java.util.List;

/**
 * Decides whether a configuration is valid: each value must be in its range, and some durations must be longer than
 * others.
 */
final class ConfigurationCheck {
    private ConfigurationCheck() {}

    /**
     * The problems of a configuration: one line per problem, with the name of the option. Empty if the configuration is
     * valid.
     */
    static List<String> problems(TopologyConfig config) {
        var problems = new Problems();
        problems.addAll(config.kafka().problems(ReservedKafkaProperties.ADVICE));
        check(config.streams(), problems);
        problems.positive("--publish-interval", config.links().publishInterval());
        problems.positive("--dns-name-age", config.naming().dnsNames().age());
        problems.atLeast("--dns-name-limit", config.naming().dnsNames().limit(), 1);
        check(config.connections(), problems);
        problems.positive("--window", config.links().windows().size());
        problems.require(!config.links().windows().grace().isNegative(), "--window-grace is negative");
        problems.require(!config.links().windows().retention().isNegative(), "--window-retention is negative");
        problems.require(
                config.links()
                                .retention()
                                .compareTo(config.connections().ledger().idleRetention())
                        > 0,
                "--link-retention has to be longer than --idle-retention: links of open connections would be retired");
        problems.positive("--activity-interval", config.activity().interval());
        problems.atLeast("--activity-limit", config.activity().eventsPerSecond(), 1);
        SeriesLimits series = config.links().series();
        problems.atLeast("--series-limit", series.limit(), 0);
        problems.within("--series-prefix-share", series.prefixPercent(), 0, 100);
        problems.within("--series-prefix-ipv4", series.ipv4PrefixLength(), 0, 32);
        problems.within("--series-prefix-ipv6", series.ipv6PrefixLength(), 0, 128);
        problems.addAll(config.http().server().problems());
        config.http()
                .advertisedAddress()
                .filter(address -> !AdvertisedAddress.isUsable(address))
                .ifPresent(address -> problems.add("--advertised-address is '" + address
                        + "': use HOST or HOST:PORT, an IPv6 address in brackets"));
        return problems.list();
    }

    private static void check(Streams streams, Problems problems) {
        problems.require(
                streams.applicationId().matches("[a-zA-Z0-9._-]{1,150}"),
                "--application-id '" + streams.applicationId() + "': use 1 to 150 letters, digits, '.', '_' and '-'");
        problems.atLeast("--threads", streams.threads(), 1);
        streams.replication()
                .internalTopics()
                .ifPresent(replicas -> problems.require(
                        replicas >= 1 && replicas <= Short.MAX_VALUE,
                        "--replication-factor " + replicas
                                + " is out of range: -1 for the broker's default, or at least 1"));
        problems.atLeast("--standby-replicas", streams.replication().standbys(), 0);
        problems.atLeast("--store-memory", streams.stores().memoryBytes(), 1 << 20);
        Transactions transactions = streams.transactions();
        problems.positive("--commit-interval", transactions.commitInterval());
        problems.require(
                transactions.timeout().compareTo(transactions.commitInterval()) > 0,
                "--transaction-timeout has to be longer than --commit-interval: every transaction would be aborted");
        problems.require(
                transactions.timeout().toMillis() <= Integer.MAX_VALUE, "--transaction-timeout is out of range");
    }

    private static void check(Connections connections, Problems problems) {
        LedgerRetention ledger = connections.ledger();
        problems.positive("--heartbeat-interval", connections.heartbeatInterval());
        problems.positive("--settle-after", ledger.settleAfter());
        problems.positive("--closed-retention", ledger.closedRetention());
        problems.positive("--idle-retention", ledger.idleRetention());
        problems.require(
                ledger.idleRetention().compareTo(connections.heartbeatInterval()) > 0,
                "--idle-retention has to be longer than --heartbeat-interval: idle connections would leave the ledger");
        problems.require(
                ledger.reportRetention().compareTo(ledger.idleRetention()) > 0,
                "--report-retention has to be longer than --idle-retention: late reports would count twice");
    }
}
