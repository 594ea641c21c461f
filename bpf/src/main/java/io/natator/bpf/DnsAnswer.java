package io.natator.bpf;

/**
 * A datagram from port 53 to a socket that had sent one there. Untrusted: anybody on the way can forge a DNS answer.
 *
 * @param observedNanos when it was received, on the boot clock
 * @param length bytes of the datagram's payload
 * @param payload the copied beginning of the payload, 12 to 1232 bytes; not shared
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record DnsAnswer(long observedNanos, int length, byte[] payload) {}
