package io.natator.bpf;

/**
 * A DNS answer: a datagram from port 53 to a socket that had sent a datagram to the same address and port before.
 * Untrusted: anybody on the network path can forge it.
 *
 * @param observedNanos when the datagram was received, in nanoseconds since boot
 * @param length length of the datagram's payload in bytes
 * @param payload the first 12 to 1232 bytes of the payload; the receiver is allowed to change the array
 */
@SuppressWarnings("ArrayRecordComponent") // Instances are never compared.
public record DnsAnswer(long observedNanos, int length, byte[] payload) {}
