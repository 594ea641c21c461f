/* Fills the record of a TCP connection from its socket and its slot (entry in the table of open connections). */
#ifndef NATATOR_TCP_RECORD_BPF_H
#define NATATOR_TCP_RECORD_BPF_H

#include "kernel_differences.bpf.h"
#include "socket_addresses.bpf.h"
#include "tcp_payload.bpf.h"
#include "tcp_ring_spill_fold.bpf.h"
#include "tcp_slots.bpf.h"

/*
 * Sets all members of a record except the counters. Returns false for a socket without a peer: its record must not be
 * reported.
 */
static __always_inline bool fill_identity(struct natator_record *record, const struct connection_slot *connection,
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

/* Sets bytes, segments, retransmits and round-trip times of a record. */
static __always_inline void fill_counters(struct natator_record *record, const struct tcp_payload *payload,
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
	/* The kernel stores ~0 as the minimum round-trip time until the first sample (tcp_init_sock()). */
	record->min_rtt_micros = min_rtt == ~0U ? 0 : min_rtt;
}

/*
 * Reports an open. All counters are 0, even if the connection was open before and has already transferred bytes. If the
 * close must be added to the sum of the address pair, only bytes that user space has read from the map "live" are
 * subtracted, so bytes reported with the open would count twice.
 */
static __always_inline void report_established(const struct connection_slot *connection, struct sock *sk,
					       struct tcp_sock *tcp, __u64 now)
{
	struct natator_record record = {.event = NATATOR_OPENED};

	count(NATATOR_STATISTIC_OPENED);
	if (fill_identity(&record, connection, sk, tcp, now, false))
		report_open(&record);
}

#endif
