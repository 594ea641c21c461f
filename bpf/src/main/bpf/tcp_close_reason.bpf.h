/* Why a connection failed or ended, from the socket's error and its last state. */
#ifndef NATATOR_TCP_CLOSE_REASON_BPF_H
#define NATATOR_TCP_CLOSE_REASON_BPF_H

#include "tcp_payload.bpf.h"

/* Cases of the errors that ICMP messages set (icmp_err_convert[] in net/ipv4/icmp.c). */
#define ICMP_ERRORS                                                                                                    \
	case ENETUNREACH:                                                                                              \
	case EHOSTUNREACH:                                                                                             \
	case EHOSTDOWN:                                                                                                \
	case ENOPROTOOPT:                                                                                              \
	case EACCES

/* Of a connection that was never established. */
static __always_inline __u8 failure_reason(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return NATATOR_REASON_REFUSED;
	case ETIMEDOUT:
		return NATATOR_REASON_TIMEOUT;
	ICMP_ERRORS:
		return NATATOR_REASON_UNREACHABLE;
	default:
		return NATATOR_REASON_ABORTED;
	}
}

/*
 * A received reset sets sk_err before the state changes. Without an error and without a FIN state before it, the close was a
 * reset that this end sent: unread data, SO_LINGER of 0, or connect(AF_UNSPEC).
 */
static __always_inline __u8 close_reason(int error, const struct tcp_reading *reading)
{
	switch (error) {
	case ETIMEDOUT:
		return NATATOR_REASON_TIMEOUT;
	ICMP_ERRORS:
		return NATATOR_REASON_UNREACHABLE;
	case ECONNRESET:
	case ECONNABORTED:
	case ECONNREFUSED:
	case EPIPE:
		return NATATOR_REASON_RESET;
	default:
		return fin_is_queued(reading) ? NATATOR_REASON_FIN : NATATOR_REASON_RESET;
	}
}

#endif
