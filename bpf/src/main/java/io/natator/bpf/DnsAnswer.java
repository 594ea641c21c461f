package io.natator.bpf;

/**
 * A datagram from port 53 to a socket that had sent one there: an answer of the DNS, or what somebody gives out as one.
 *
 * @param observedNanos when it was received, on the boot clock
 * @param length bytes of its payload
 * @param payload as much of it as could be copied, at least 12 and at most 1232 bytes; not shared
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on once, never compared.
public record DnsAnswer(long observedNanos, int length, byte[] payload) {}
