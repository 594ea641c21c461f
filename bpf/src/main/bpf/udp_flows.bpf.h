/*
 * Begins, continues and ends UDP flows. A flow is the datagrams that one socket exchanges with one remote address and
 * port, until a pause. If the map "flows" is full, a datagram is added to a sum per address pair instead
 * (udp_fold.bpf.h).
 */
#ifndef NATATOR_UDP_FLOWS_BPF_H
#define NATATOR_UDP_FLOWS_BPF_H

#include "statistics.bpf.h"
#include "udp_filter.bpf.h"
#include "udp_fold.bpf.h"
#include "udp_process.bpf.h"

/* Set by the loader: the length of the pause after which a flow ends, in nanoseconds. */
const volatile __u64 idle_nanos = 30000000000ULL;

/* The ring buffer in which the ends of flows are reported. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct natator_flow_key);
	__type(value, struct natator_flow);
} flows SEC(".maps");

/*
 * Whether the record still describes the flow with this key. The map is not preallocated, so between the lookup of a
 * flow and the locking of its entry, the kernel can delete the flow and use its memory for another flow.
 */
static __always_inline bool is_record_of(const struct natator_record *record, const struct natator_flow_key *key)
{
	__u64 difference = record->cookie ^ key->cookie;

	for (int word = 0; word < 4; word++)
		difference |= (record->local_address.words[word] ^ key->local_address.words[word]) |
			      (record->remote_address.words[word] ^ key->remote_address.words[word]);
	difference |= (record->local_port ^ key->local_port) | (record->remote_port ^ key->remote_port);
	return !difference;
}

static __always_inline void add_datagram(struct natator_record *record, const struct datagram *datagram, __u64 now)
{
	if (datagram->sent) {
		record->bytes_sent += datagram->bytes;
		record->bytes_acked += datagram->bytes;
		record->segments_sent += datagram->count;
	} else {
		record->bytes_received += datagram->bytes;
		record->segments_received += datagram->count;
	}
	record->observed_nanos = now;
}

/* Adds the datagram to its flow. Returns false if the flow has ended since it was looked up. */
static __always_inline bool add_to_flow(struct natator_flow *flow, const struct datagram *datagram, bool in_process,
				   __u64 now)
{
	bool added = false;

	/* The flow has no process yet if it began with a received datagram. */
	store_process_once(&flow->record.pid, flow->record.command, in_process);
	bpf_spin_lock(&flow->lock);
	if (!flow->ended && is_record_of(&flow->record, &datagram->key)) {
		add_datagram(&flow->record, datagram, now);
		added = true;
	}
	bpf_spin_unlock(&flow->lock);
	return added;
}

/* Creates a flow with its first datagram. Returns false if the flow exists already, or if the map is full. */
static __always_inline bool begin_flow(const struct datagram *datagram, bool in_process, __u64 now)
{
	struct natator_flow flow = {
		.record = {
			.cookie = datagram->key.cookie,
			.start_nanos = now,
			.cgroup_id = datagram->cgroup_id,
			.local_address = datagram->key.local_address,
			.remote_address = datagram->key.remote_address,
			.network_namespace = datagram->network_namespace,
			.local_port = datagram->key.local_port,
			.remote_port = datagram->key.remote_port,
			.event = NATATOR_LIVE,
			.protocol = IPPROTO_UDP,
			.role = role_in_flow(datagram),
			.close_reason = NATATOR_REASON_NONE,
		},
	};

	store_process_once(&flow.record.pid, flow.record.command, in_process);
	add_datagram(&flow.record, datagram, now);
	if (bpf_map_update_elem(&flows, &datagram->key, &flow, BPF_NOEXIST))
		return false;
	count(NATATOR_STATISTIC_OPENED);
	return true;
}

/*
 * Counts a datagram for which no flow was found: in a new flow, or, if the map "flows" is full, in the sum of its
 * address pair. in_process: whether the current task uses the socket.
 */
static __always_inline void count_without_flow(const struct datagram *datagram, bool in_process, __u64 now)
{
	struct natator_flow *flow;

	if (begin_flow(datagram, in_process, now))
		return;
	/* The flow could not be created: either another CPU has created it, or the map is full. */
	flow = bpf_map_lookup_elem(&flows, &datagram->key);
	if (flow && add_to_flow(flow, datagram, in_process, now))
		return;
	if (add_to_fold(datagram, in_process, now))
		count_many(NATATOR_STATISTIC_FOLDED, datagram->count);
	else
		count_many(NATATOR_STATISTIC_LOST, datagram->count);
}

/*
 * Reports and deletes a flow that has been idle for idle_nanos. User space periodically runs this program for every
 * flow. If the ring buffer is full, the flow stays in the map until the next run. While an ended flow is in the map, no
 * new flow can use its key, so the deletion cannot delete a new flow.
 */
SEC("iter/bpf_map_elem")
int end_idle(struct bpf_iter__bpf_map_elem *context)
{
	struct natator_flow_key *found = context->key;
	struct natator_flow *value = context->value;
	struct natator_flow_key key;
	struct natator_record *record;
	struct natator_flow *flow;
	bool ended = false, before;
	__u64 now;

	if (!found || !value)
		return 0;
	now = bpf_ktime_get_boot_ns();
	if (!value->ended && now - value->record.observed_nanos < idle_nanos)
		return 0;
	key = *found;
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record)
		return 0;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return 0;
	}
	bpf_spin_lock(&flow->lock);
	/*
	 * If an earlier run reported the end but was stopped before it deleted the flow, this run only deletes the
	 * flow.
	 */
	before = flow->ended;
	if (!before && now - flow->record.observed_nanos >= idle_nanos) {
		*record = flow->record;
		flow->ended = 1;
		ended = true;
	}
	bpf_spin_unlock(&flow->lock);
	if (ended) {
		record->event = NATATOR_CLOSED;
		record->close_reason = NATATOR_REASON_IDLE;
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
		count(NATATOR_STATISTIC_CLOSED);
	} else {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
	}
	if (ended || before)
		bpf_map_delete_elem(&flows, &key);
	return 0;
}

#endif
