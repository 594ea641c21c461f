package io.natator.collector.peer;

import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import java.net.InetAddress;

/**
 * The addresses and ports of a UDP flow, which are the same in the records of both ends if nothing translates addresses
 * between them.
 *
 * @param client address and port of the client
 * @param server address and port of the server
 * @param namespace inode number of the network namespace that contains both ends, if the addresses lead to no other
 *     namespace; otherwise 0
 */
record FlowAddresses(Address client, Address server, long namespace) {
    /**
     * An address and a port. An IPv4 address has the form of an IPv4-mapped IPv6 address.
     *
     * @param high the upper 8 bytes of the address
     * @param low the lower 8 bytes of the address
     * @param port 0 to 65535
     */
    record Address(long high, long low, int port) {
        private static final long IPV4_MAPPED = 0xffffL << 32;

        static Address of(Endpoint endpoint) {
            byte[] bytes = endpoint.address().getAddress();
            return bytes.length == 4
                    ? new Address(0, IPV4_MAPPED | number(bytes, 0, 4), endpoint.port())
                    : new Address(number(bytes, 0, 8), number(bytes, 8, 16), endpoint.port());
        }

        private static long number(byte[] bytes, int from, int until) {
            long number = 0;
            for (int index = from; index < until; index++) {
                number = number << 8 | (bytes[index] & 0xff);
            }
            return number;
        }
    }

    static FlowAddresses of(SocketRecord.Connection flow) {
        boolean isClient = flow.role() == SocketRecord.Role.CLIENT;
        return new FlowAddresses(
                Address.of(isClient ? flow.local() : flow.remote()),
                Address.of(isClient ? flow.remote() : flow.local()),
                staysInNamespace(flow) ? flow.networkNamespace() : 0);
    }

    /**
     * Whether both ends are in the same network namespace: an address of the loopback device, or an address that both
     * ends have, leads to no other namespace.
     */
    private static boolean staysInNamespace(SocketRecord.Connection flow) {
        InetAddress local = flow.local().address();
        InetAddress remote = flow.remote().address();
        return local.isLoopbackAddress() || remote.isLoopbackAddress() || local.equals(remote);
    }
}
