/* How a connection's record is filled. */
#ifndef NATATOR_RECORDS_BPF_H
#define NATATOR_RECORDS_BPF_H

#include "addresses.bpf.h"
#include "connections.bpf.h"
#include "core_fixes.bpf.h"
#include "hand_over.bpf.h"
#include "tcp_counters.bpf.h"

/* False for a socket without a peer: no record ever has an unspecified one. */
static __always_inline bool describe(struct natator_record *record, const struct connection *connection,
				     struct sock *sk, struct tcp_sock *tcp, __u64 now, bool probed)
{
	remote_address(sk, &record->remote_address, probed);
	if (is_wildcard(&record->remote_address))
		return false;
	local_address(sk, &record->local_address, probed);
	record->cookie = connection->cookie;
	record->start_nanos = connection->start_nanos;
	record->observed_nanos = now;
	record->fingerprint = connection->fingerprint;
	record->cgroup_id = socket_cgroup_id(sk, probed);
	record->network_namespace = network_namespace(sk, probed);
	record->pid = connection->pid;
	record->local_port = local_port(tcp, probed);
	record->remote_port = remote_port(sk, probed);
	__builtin_memcpy(record->command, connection->command, sizeof(record->command));
	record->protocol = IPPROTO_TCP;
	record->role = connection->role;
	record->close_reason = NATATOR_REASON_NONE;
	return true;
}

static __always_inline void measure(struct natator_record *record, const struct tcp_payload *payload,
				    struct tcp_sock *tcp, bool probed)
{
	__u32 min_rtt = FIELD(probed, tcp, rtt_min.s[0].v);

	record->bytes_sent = payload->sent;
	record->bytes_acked = payload->acked;
	record->bytes_received = payload->received;
	record->segments_sent = FIELD(probed, tcp, segs_out);
	record->segments_received = FIELD(probed, tcp, segs_in);
	record->retransmits = FIELD(probed, tcp, total_retrans);
	record->smoothed_rtt_micros = FIELD(probed, tcp, srtt_us) >> 3;
	/* ~0 until there is a sample (tcp_init_sock()). */
	record->min_rtt_micros = min_rtt == ~0U ? 0 : min_rtt;
}

/*
 * An open tells who; bytes are left to live readings and closes. Otherwise a fold, which knows of what was seen live
 * alone, would count the bytes of an adopted connection a second time.
 */
static __always_inline void announce(const struct connection *connection, struct sock *sk, struct tcp_sock *tcp,
				     __u64 now)
{
	struct natator_record record = {.event = NATATOR_OPENED};

	count(NATATOR_STATISTIC_OPENED);
	if (describe(&record, connection, sk, tcp, now, false))
		hand_over_open(&record);
}

#endif
