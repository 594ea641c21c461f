/*
 * Decides where a TCP record is stored until user space reads it:
 *
 *   1. Ring buffer (map events): the log that user space reads.
 *   2. Spill (maps spill, spill_seen): if the ring is full, a close is stored here with its whole record.
 *   3. Fold (fold_map.bpf.h): if the spill is full too, the bytes of the close are added to the sum of its address pair.
 *   4. If the fold is full as well, the close is lost and counted.
 *
 * An open goes only to the ring. It is skipped and counted if the ring is more than half full.
 */
#ifndef NATATOR_TCP_RING_SPILL_FOLD_BPF_H
#define NATATOR_TCP_RING_SPILL_FOLD_BPF_H

#include "fold_map.bpf.h"
#include "statistics.bpf.h"

/* Set by the loader: size of the ring in bytes. */
const volatile __u64 ring_bytes = 1 << 22;

/* Opens are skipped while more than one half of the ring is unread. The other half is reserved for closes. */
#define RING_PART_OF_OPENS 2

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

/* Preallocated, because memory may be short while user space does not read. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill SEC(".maps");

/*
 * A second spill, for connections that user space may have read live. User space knows such a connection, so its close
 * is folded only if even this map is full. The map has as many entries as the map live.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill_seen SEC(".maps");

/*
 * Does not wake up user space, which polls periodically: a wake-up would cost six times as much as appending the
 * record.
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
 * Counters of a connection that user space may have read from the map live. All are 0 if the connection was never in
 * it.
 */
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

/*
 * Adds the counters that user space has not read yet to the sum of the address pair. Returns false if the fold is full.
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

/* Not inlined, so that it gets its own stack frame: the frame of on_close() is nearly full (512 bytes). */
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
