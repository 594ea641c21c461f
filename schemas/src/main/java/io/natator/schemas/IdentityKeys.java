package io.natator.schemas;

import java.util.Locale;

/** The keys of {@link Topic#IDENTITIES}; the key of an address is also the key of {@link Topic#DNS_NAMES}. */
public final class IdentityKeys {
    private IdentityKeys() {}

    /**
     * Key of an address's {@link AddressOwners}.
     *
     * @param address 4 or 16 bytes, network order; a v4-mapped address gives the key of the IPv4 address
     */
    public static String ofAddress(byte[] address) {
        return "ip/" + IpAddresses.format(address);
    }

    /** Key of a pod's {@link Identity}; UID in lower case with dashes. */
    public static String ofPod(String uid) {
        return "pod/" + uid;
    }

    /**
     * Key of the {@link AddressOwners} of a port that every node of a cluster opens for a Service (NodePort).
     *
     * @param port 1 to 65535
     */
    public static String ofNodePort(Protocol protocol, int port) {
        return "nodeport/" + protocol.name().toLowerCase(Locale.ROOT) + "/" + port;
    }

    /**
     * Key of a partition's {@link IdentityProgress}.
     *
     * @param partition number of the partition, from 0
     */
    public static String ofProgress(int partition) {
        return "progress/" + partition;
    }

    /** Key of a node's {@link Identity}. */
    public static String ofNode(String name) {
        return "node/" + name;
    }
}
