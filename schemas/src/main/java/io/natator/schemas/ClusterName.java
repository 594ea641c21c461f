package io.natator.schemas;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The name of a Kubernetes cluster, by which the clusters that share a Kafka topic prefix are told apart. Their pods and
 * nodes can have the same addresses and names. Everything that is published about a cluster has keys that begin with its
 * name and a slash, such as {@code eu-1/ip/10.0.0.1}. The empty name is that of the only cluster, whose keys begin with
 * nothing.
 *
 * @param name empty, or a DNS label (RFC 1123)
 */
public record ClusterName(String name) {
    /** The name of a cluster that has none. */
    public static final ClusterName NONE = new ClusterName("");

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** The first parts of the keys of a cluster without a name. */
    private static final Set<String> FIRST_PARTS = Stream.of(
                    IdentityKeys.ADDRESS_PREFIX,
                    IdentityKeys.NODE_PORT_PREFIX,
                    IdentityKeys.POD_PREFIX,
                    IdentityKeys.NODE_PREFIX,
                    IdentityKeys.PROGRESS_PREFIX,
                    IdentityKeys.POD_RANGES)
            .map(ClusterName::firstPart)
            .collect(Collectors.toUnmodifiableSet());

    /** Whether the name is empty, or can be told apart from the other parts of a key. */
    public boolean isValid() {
        return name.isEmpty() || (LABEL.matcher(name).matches() && !FIRST_PARTS.contains(name));
    }

    /**
     * The key that a record about this cluster has in a topic.
     *
     * @param key a key of {@link IdentityKeys}
     */
    public String key(String key) {
        return name.isEmpty() ? key : name + "/" + key;
    }

    /** The key without the name of the cluster; empty if the record is about another cluster. */
    public Optional<String> localKey(String key) {
        if (name.isEmpty()) {
            return FIRST_PARTS.contains(firstPart(key)) ? Optional.of(key) : Optional.empty();
        }
        String start = name + "/";
        return key.startsWith(start) ? Optional.of(key.substring(start.length())) : Optional.empty();
    }

    private static String firstPart(String key) {
        int slash = key.indexOf('/');
        return slash < 0 ? key : key.substring(0, slash);
    }

    /** The name of something that exists once in each cluster. */
    public String appendTo(String common) {
        return name.isEmpty() ? common : common + "-" + name;
    }

    @Override
    public String toString() {
        return name;
    }
}
