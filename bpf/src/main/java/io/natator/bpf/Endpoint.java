package io.natator.bpf;

import java.net.InetAddress;

/**
 * One end of a connection, as a socket sees it.
 *
 * @param address IP address of the end. It is an IPv4 address even if the kernel stores it as an IPv4-mapped IPv6
 *     address
 * @param port 0 to 65535; 0 in a sum of connections that covers several ports
 */
public record Endpoint(InetAddress address, int port) {}
