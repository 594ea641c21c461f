/* Decides why a TCP connection failed or ended, from the socket's error (sk_err) and its last state. */
#ifndef NATATOR_TCP_CLOSE_REASON_BPF_H
#define NATATOR_TCP_CLOSE_REASON_BPF_H

#include "tcp_payload.bpf.h"

/* The case labels for the socket errors (sk_err) that ICMP messages set (icmp_err_convert[] in net/ipv4/icmp.c). */
#define ICMP_ERRORS                                                                                                    \
	case ENETUNREACH:                                                                                              \
	case EHOSTUNREACH:                                                                                             \
	case EHOSTDOWN:                                                                                                \
	case ENOPROTOOPT:                                                                                              \
	case EACCES

/* Returns why a connect failed: its connection was never established. */
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
 * Returns why an established connection closed. If a reset was received, sk_err was set before the state changed. If
 * there is no error and no FIN, this end has sent a reset: it had unread data, SO_LINGER of 0, or called
 * connect(AF_UNSPEC).
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
