/*
 * From the kernel to user space without loss. The ring buffer is the log; a close that finds it full spills into a hash
 * map with its detail; one that finds that full too folds its bytes into a sum per address pair.
 */
#ifndef NATATOR_HAND_OVER_BPF_H
#define NATATOR_HAND_OVER_BPF_H

#include "account.bpf.h"

/* Opens are news, closes are the account: opens leave the rest of the ring to closes. Set by the loader. */
const volatile __u64 open_ring_limit = 1 << 21;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

/* Preallocated: it is needed when memory is likely to be short as well. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill SEC(".maps");

/*
 * The spill of connections that user space has seen live. Their bytes are partly reported, so they cannot be folded
 * whole: they get as many places of their own as there are places in the live map.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct natator_spill_key);
	__type(value, struct natator_record);
} spill_seen SEC(".maps");

/* NO_WAKEUP: user space polls by the clock; a wake-up would cost a close six times what the record costs. */
static __always_inline bool append(struct natator_record *record)
{
	return bpf_ringbuf_output(&events, record, sizeof(*record), BPF_RB_NO_WAKEUP) == 0;
}

static __always_inline void hand_over_open(struct natator_record *record)
{
	if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > open_ring_limit || !append(record))
		count(NATATOR_STATISTIC_OPENS_SKIPPED);
}

/* What of a connection user space may have counted already. */
struct natator_record_seen {
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 segments_sent;
	__u32 segments_received;
	__u32 retransmits;
	__u32 live;
};

static __always_inline bool fold_in(const struct natator_record *record, const struct natator_record_seen *seen)
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
	struct natator_fold_value *value = sum_of(&key, record->observed_nanos);

	if (!value)
		return false;
	value->pid = record->pid;
	__builtin_memcpy(value->command, record->command, sizeof(value->command));
	__sync_fetch_and_add(&value->bytes_sent, record->bytes_sent - seen->bytes_sent);
	__sync_fetch_and_add(&value->bytes_acked, record->bytes_acked - seen->bytes_acked);
	__sync_fetch_and_add(&value->bytes_received, record->bytes_received - seen->bytes_received);
	__sync_fetch_and_add(&value->segments_sent, (__u32)(record->segments_sent - seen->segments_sent));
	__sync_fetch_and_add(&value->segments_received, (__u32)(record->segments_received - seen->segments_received));
	__sync_fetch_and_add(&value->retransmits, (__u32)(record->retransmits - seen->retransmits));
	__sync_fetch_and_add(&value->connections, 1);
	return true;
}

/* A function of its own, with stack of its own: in the end of a connection both are short. */
static __noinline void overflow(struct natator_record *record, const struct natator_record_seen *seen)
{
	struct natator_spill_key key = {.cookie = record->cookie, .start_nanos = record->start_nanos};

	if (bpf_map_update_elem(&spill, &key, record, BPF_ANY) == 0 ||
	    (seen->live && bpf_map_update_elem(&spill_seen, &key, record, BPF_ANY) == 0))
		count(NATATOR_STATISTIC_SPILLED);
	else if (record->event == NATATOR_CLOSED && fold_in(record, seen))
		count(NATATOR_STATISTIC_FOLDED);
	else
		count(NATATOR_STATISTIC_LOST);
}

static __always_inline void hand_over_end(struct natator_record *record, const struct natator_record_seen *seen)
{
	if (!append(record))
		overflow(record, seen);
}

#endif
