package io.natator.topology.siem;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * Community ID version 1 (the Corelight specification): the same text for both directions of a flow, whichever tool saw
 * it. SHA-1 over seed, addresses, protocol and ports, the smaller end first, in base64 behind {@code 1:}.
 */
final class CommunityId {
    private static final String VERSION = "1:";
    private static final int PORT_BYTES = 2;

    private CommunityId() {}

    /**
     * The ID of a flow whose protocol has ports.
     *
     * @param seed 0 unless a site has chosen another, 0 to 65535
     * @param source 4 or 16 bytes in network order, as many as {@code destination}
     * @param protocol IANA protocol number
     */
    static String of(int seed, byte[] source, int sourcePort, byte[] destination, int destinationPort, int protocol) {
        int order = Arrays.compareUnsigned(source, destination);
        boolean inOrder = order < 0 || (order == 0 && sourcePort <= destinationPort);
        byte[] flow = ByteBuffer.allocate(PORT_BYTES + 2 * source.length + 2 + 2 * PORT_BYTES)
                .putShort((short) seed)
                .put(inOrder ? source : destination)
                .put(inOrder ? destination : source)
                .put((byte) protocol)
                .put((byte) 0)
                .putShort((short) (inOrder ? sourcePort : destinationPort))
                .putShort((short) (inOrder ? destinationPort : sourcePort))
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
