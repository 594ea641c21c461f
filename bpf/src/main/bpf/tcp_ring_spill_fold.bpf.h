/*
 * How a TCP record reaches user space without loss, and what happens when user space does not read.
 *
 *   1. Ring buffer (events): the log that user space reads.
 *   2. Spill (spill, spill_seen): hash maps. A close that finds the ring full is stored here with all its detail.
 *   3. Fold (fold_map.bpf.h): a close that finds the spill full too adds its bytes to the sum of its address pair.
 *   4. If the fold is full as well, the close is lost and counted.
 *
 * An open is never stored: if closes need the ring, it is skipped and counted.
 */
#ifndef NATATOR_TCP_RING_SPILL_FOLD_BPF_H
#define NATATOR_TCP_RING_SPILL_FOLD_BPF_H

#include "fold_map.bpf.h"
#include "statistics.bpf.h"

/* Set by the loader: above so many unread bytes in the ring, opens are skipped. The rest of the ring is for closes. */
const volatile __u64 open_ring_limit = 1 << 21;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

/* Preallocated: when it is needed, memory is likely to be short. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill SEC(".maps");

/*
 * A second spill, for connections that user space may have read live. Some of their bytes are reported already, so their
 * detail is worth more. It has as many entries as the map live.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill_seen SEC(".maps");

/* NO_WAKEUP: user space polls periodically. A wake-up would cost six times as much as the record itself. */
static __always_inline bool append_to_ring(struct natator_record *record)
{
	return bpf_ringbuf_output(&events, record, sizeof(*record), BPF_RB_NO_WAKEUP) == 0;
}

static __always_inline void report_open(struct natator_record *record)
{
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > open_ring_limit || !append_to_ring(record))
		count(NATATOR_STATISTIC_OPENS_SKIPPED);
}

/* Counters of a connection that user space may have read from the map live. All 0 if it was never there. */
struct reported_counters {
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 segments_sent;
	__u32 segments_received;
	__u32 retransmits;
	/* Whether the connection had an entry in the map live. */
	__u32 live;
};

/* Adds to the sum what user space has not counted yet. False if the fold is full. */
static __always_inline bool add_to_fold(const struct natator_record *record, const struct reported_counters *reported)
{
	struct natator_fold_key key = {
		.cgroup_id = record->cgroup_id,
		.local_address = record->local_address,
		.remote_address = record->remote_address,
		.network_namespace = record->network_namespace,
		.server_port = record->role == NATATOR_SERVER ? record->local_port : record->remote_port,
		.role = record->role,
		.protocol = record->protocol,
	};
	struct natator_fold_value *value = find_or_create_fold(&key, record->observed_nanos);

	if (!value)
		return false;
	value->pid = record->pid;
	__builtin_memcpy(value->command, record->command, sizeof(value->command));
	__sync_fetch_and_add(&value->bytes_sent, record->bytes_sent - reported->bytes_sent);
	__sync_fetch_and_add(&value->bytes_acked, record->bytes_acked - reported->bytes_acked);
	__sync_fetch_and_add(&value->bytes_received, record->bytes_received - reported->bytes_received);
	__sync_fetch_and_add(&value->segments_sent, (__u32)(record->segments_sent - reported->segments_sent));
	__sync_fetch_and_add(&value->segments_received,
			     (__u32)(record->segments_received - reported->segments_received));
	__sync_fetch_and_add(&value->retransmits, (__u32)(record->retransmits - reported->retransmits));
	__sync_fetch_and_add(&value->connections, 1);
	return true;
}

/* Not inlined, for a stack frame of its own: on_close() has none to spare. */
static __noinline void spill_or_fold(struct natator_record *record, const struct reported_counters *reported)
{
	struct natator_spill_key key = {.cookie = record->cookie, .start_nanos = record->start_nanos};

	if (bpf_map_update_elem(&spill, &key, record, BPF_ANY) == 0 ||
	    (reported->live && bpf_map_update_elem(&spill_seen, &key, record, BPF_ANY) == 0))
		count(NATATOR_STATISTIC_SPILLED);
	else if (record->event == NATATOR_CLOSED && add_to_fold(record, reported))
		count(NATATOR_STATISTIC_FOLDED);
	else
		count(NATATOR_STATISTIC_LOST);
}

static __always_inline void report_end(struct natator_record *record, const struct reported_counters *reported)
{
	if (!append_to_ring(record))
		spill_or_fold(record, reported);
}

#endif
