package io.natator.bpf;

import java.net.InetAddress;

/**
 * One side of a connection, as its socket sees it.
 *
 * @param address IPv4 also where the kernel stores it mapped into IPv6
 * @param port 0 to 65535; 0 where a sum covers several ports
 */
public record Endpoint(InetAddress address, int port) {}
