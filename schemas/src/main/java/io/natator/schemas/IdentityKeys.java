package io.natator.schemas;

import java.util.Locale;

/** Builds the keys of {@link Topic#IDENTITIES}. The key of an address is also a key of {@link Topic#DNS_NAMES}. */
public final class IdentityKeys {
    /** Start of the keys of addresses. The address follows, as text. */
    public static final String ADDRESS_PREFIX = "ip/";
    /** Start of the keys of node ports. {@link #nodePort} follows. */
    public static final String NODE_PORT_PREFIX = "nodeport/";
    /** Start of the keys of pods. The UID follows. */
    public static final String POD_PREFIX = "pod/";
    /** Start of the keys of nodes. The name follows. */
    public static final String NODE_PREFIX = "node/";
    /** Start of the keys of progress. The number of the partition follows. */
    public static final String PROGRESS_PREFIX = "progress/";
    /** The key of the {@link PodRanges}. */
    public static final String POD_RANGES = "pod-ranges";

    private IdentityKeys() {}

    /**
     * The key of an address. The value of its record is {@link AddressOwners}.
     *
     * @param address 4 or 16 bytes in network order; an IPv4-mapped IPv6 address has the key of the IPv4 address
     */
    public static String ofAddress(byte[] address) {
        return ADDRESS_PREFIX + IpAddresses.format(address);
    }

    /** The key of a pod. The value of its record is {@link Identity}. The UID is in lower case with dashes. */
    public static String ofPod(String uid) {
        return POD_PREFIX + uid;
    }

    /**
     * The key of a port that every node of a cluster opens for a Service (NodePort). The value of its record is
     * {@link AddressOwners}.
     *
     * @param port 1 to 65535
     */
    public static String ofNodePort(Protocol protocol, int port) {
        return NODE_PORT_PREFIX + nodePort(protocol.name(), port);
    }

    /**
     * The key of a partition's {@link IdentityProgress}.
     *
     * @param partition number of the partition, from 0
     */
    public static String ofProgress(int partition) {
        return PROGRESS_PREFIX + partition;
    }

    /**
     * A port as text, such as {@code tcp/30080}: a node port within its key, and a port of an {@link Identity}.
     *
     * @param protocol the name of the protocol, in upper or lower case
     * @param port 1 to 65535
     */
    public static String nodePort(String protocol, int port) {
        return protocol.toLowerCase(Locale.ROOT) + "/" + port;
    }

    /** The key of a node. The value of its record is {@link Identity}. */
    public static String ofNode(String name) {
        return NODE_PREFIX + name;
    }
}
