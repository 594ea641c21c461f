package io.natator.topology.siem;

import io.natator.topology.identity.Endpoint;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Computes the Community ID of a flow, version 1 (Corelight's specification). The ID is the same for both directions of
 * a flow, and in all tools. It consists of {@code 1:} and a SHA-1 hash in base64. The hash input is seed, addresses,
 * protocol and ports; the end with the smaller address comes first, or with equal addresses the end with the smaller
 * port.
 */
final class CommunityId {
    /** The default seed of the specification. */
    static final int DEFAULT_SEED = 0;

    private static final String VERSION = "1:";
    private static final int PORT_BYTES = 2;

    private CommunityId() {}

    /**
     * Returns the Community ID of a flow whose protocol has ports.
     *
     * @param seed 0 to 65535
     * @param source one end of the flow; its address has the same IP version as that of {@code destination}
     * @param protocol IANA protocol number
     */
    static String of(int seed, Endpoint source, Endpoint destination, int protocol) {
        byte[] from = FiveTuple.bytes(source);
        byte[] to = FiveTuple.bytes(destination);
        int order = Arrays.compareUnsigned(from, to);
        boolean inOrder = order < 0 || (order == 0 && source.port() <= destination.port());
        byte[] flow = ByteBuffer.allocate(PORT_BYTES + 2 * from.length + 2 + 2 * PORT_BYTES)
                .putShort((short) seed)
                .put(inOrder ? from : to)
                .put(inOrder ? to : from)
                .put((byte) protocol)
                .put((byte) 0)
                .putShort((short) (inOrder ? source.port() : destination.port()))
                .putShort((short) (inOrder ? destination.port() : source.port()))
                .array();
        return VERSION + Base64.getEncoder().encodeToString(sha1(flow));
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-1", e);
        }
    }
}
