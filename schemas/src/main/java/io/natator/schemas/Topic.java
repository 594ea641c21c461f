package io.natator.schemas;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics that Natator's services write: names without prefix, and the settings with which the topics are created.
 * In the compacted topics {@code links} and {@code identities}, the latest record of a key is its state, and null
 * deletes the key.
 */
public enum Topic {
    /**
     * The {@link ConnectionSnapshot}s that collectors write. The key is the connection's fingerprint (8 bytes,
     * big-endian). Records are retained for a day.
     */
    CONNECTIONS("connections", TopicConfig.CLEANUP_POLICY_DELETE, Duration.ofHours(24)),
    /**
     * What the enricher writes: {@link AddressOwners} with the keys {@code ip/<address>} and {@code
     * nodeport/<protocol>/<port>}, {@link Identity} with the keys {@code pod/<uid>} and {@code node/<name>},
     * {@link PodRanges} with the key {@code pod-ranges}, and {@link IdentityProgress} with the keys {@code
     * progress/<partition>}.
     */
    IDENTITIES("identities", TopicConfig.CLEANUP_POLICY_COMPACT, null),
    /**
     * The {@link DnsName} of an address. The key is {@code ip/<address>}, see {@link IdentityKeys#ofAddress}. A name is
     * written again while clients look it up, so names older than the retention are no longer in use.
     */
    DNS_NAMES(
            "dns-names",
            TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE,
            Duration.ofDays(7)),
    /** The {@link LinkTotals} of each link, with {@link LinkKey} as key. Totals are cumulative. */
    LINKS("links", TopicConfig.CLEANUP_POLICY_COMPACT, null),
    /**
     * The {@link LinkWindow} of each link and time window, with {@link LinkWindowKey} as key. The last record of a key
     * is final.
     */
    LINK_THROUGHPUT(
            "link-throughput",
            TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE,
            Duration.ofDays(7)),
    /**
     * Events of opened and closed connections as JSON (OCSF Network Activity, class 4001). The key is the link as text.
     */
    NETWORK_ACTIVITY("network-activity", TopicConfig.CLEANUP_POLICY_DELETE, Duration.ofDays(7)),
    /** Records that could not be decoded, with key and value unchanged and the reason in the headers. */
    DEAD_LETTERS("dead-letters", TopicConfig.CLEANUP_POLICY_DELETE, Duration.ofDays(7));

    /** The default start of every topic's name. */
    public static final String DEFAULT_PREFIX = "natator.";

    /**
     * Characters that Kafka allows in a topic's name. A prefix has at most 200, because Kafka limits the full name to
     * 249.
     */
    private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9._-]{0,200}");

    private final String suffix;
    private final String cleanupPolicy;
    private final Optional<Duration> retention;

    Topic(String suffix, String cleanupPolicy, @org.jspecify.annotations.Nullable Duration retention) {
        this.suffix = suffix;
        this.cleanupPolicy = cleanupPolicy;
        this.retention = Optional.ofNullable(retention);
    }

    /**
     * The topic's full name.
     *
     * @param prefix start of the name: letters, digits, '.', '_' and '-'; may be empty
     * @throws IllegalArgumentException if Kafka would not accept the prefix
     */
    public String name(String prefix) {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "topic prefix '" + prefix + "' is not valid: use at most 200 letters, digits, '.', '_' and '-'");
        }
        return prefix + suffix;
    }

    /** Returns what {@code Admin.createTopics} needs to create the topic. */
    public NewTopic newTopic(String prefix, int partitions, short replicationFactor) {
        return new NewTopic(name(prefix), partitions, replicationFactor).configs(config());
    }

    /** The topic-level settings that differ from the broker's defaults. */
    public Map<String, String> config() {
        Map<String, String> config = new HashMap<>();
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanupPolicy);
        retention.ifPresent(time -> config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(time.toMillis())));
        return Map.copyOf(config);
    }
}
