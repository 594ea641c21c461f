/*
 * Decides where a TCP record is stored until user space reads it:
 *
 *   1. Ring buffer (map "events"): records that user space reads in order.
 *   2. Spill (maps "spill" and "spill_seen"): if the ring buffer is full, a close is stored here with its whole record.
 *   3. Fold (fold_map.bpf.h): if the spill is full too, the bytes of the close are added to the sum of its address pair.
 *   4. If the fold is full as well, the close is lost, which is counted.
 *
 * An open is stored only in the ring buffer. If the ring buffer is more than half full, the open is skipped, which is
 * counted.
 */
#ifndef NATATOR_TCP_RING_SPILL_FOLD_BPF_H
#define NATATOR_TCP_RING_SPILL_FOLD_BPF_H

#include "fold_map.bpf.h"
#include "statistics.bpf.h"

/* Set by the loader: size of the ring buffer in bytes. */
const volatile __u64 ring_bytes = 1 << 22;

/* Opens are skipped while more than one half of the ring buffer is unread. The other half is reserved for closes. */
#define RING_PART_OF_OPENS 2

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

/* Closes that found the ring buffer full. Preallocated, because memory can be short while user space does not read. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill SEC(".maps");

/*
 * A second map for closes that found the ring buffer and the map "spill" full. It takes only connections whose counters
 * user space has possibly read from the map "live". It has as many entries as the map "live". So it seldom happens that
 * the close of a connection that user space knows is only added to a sum.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill_seen SEC(".maps");

/*
 * Appends a record to the ring buffer; returns false if it is full. Does not wake up user space, which polls
 * periodically: a wake-up would cost six times as much as appending the record.
 */
static __always_inline bool append_to_ring(struct natator_record *record)
{
	return bpf_ringbuf_output(&events, record, sizeof(*record), BPF_RB_NO_WAKEUP) == 0;
}

static __always_inline void report_open(struct natator_record *record)
{
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > ring_bytes / RING_PART_OF_OPENS || !append_to_ring(record))
		count(NATATOR_STATISTIC_OPENS_SKIPPED);
}

/*
 * The counters in a connection's last entry in the map "live", from which user space has possibly read them. All are 0
 * if the connection never had an entry.
 */
struct reported_counters {
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 segments_sent;
	__u32 segments_received;
	__u32 retransmits;
	/* 1 if the connection had an entry in the map "live", otherwise 0. */
	__u32 live;
};

/*
 * Adds a closed connection to the sum of its address pair in the map "fold". The counters that user space has possibly
 * read already are subtracted first. Returns false if the map is full.
 */
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
	set_fold_process(value, record->pid, record->command);
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

/*
 * Stores a close or failure that found the ring buffer full. Not inlined, so that it gets its own stack frame: the
 * frame of on_close() is nearly full (512 bytes).
 */
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
