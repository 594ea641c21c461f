package io.natator.topology.identity;

import java.nio.ByteBuffer;

/**
 * An address and a port.
 *
 * @param address 4 or 16 bytes in network order
 * @param port 0 to 65535
 */
public record Endpoint(ByteBuffer address, int port) {}
