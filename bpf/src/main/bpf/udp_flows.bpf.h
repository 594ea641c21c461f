/*
 * Flows: the datagrams that one socket exchanges with one remote address and port, until a pause ends the flow. The map is
 * bounded; datagrams without a flow are added to the fold (udp_fold.bpf.h).
 */
#ifndef NATATOR_UDP_FLOWS_BPF_H
#define NATATOR_UDP_FLOWS_BPF_H

#include "statistics.bpf.h"
#include "udp_filter.bpf.h"
#include "udp_fold.bpf.h"

/* Set by the loader: a flow ends after a pause of this length. */
const volatile __u64 idle_nanos = 30000000000ULL;

/* The ends of flows. */
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
 * Whether the record is still that of the key's flow. The map is not preallocated: the kernel can reuse an element for another
 * flow between the lookup and the lock.
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

/* Adds the datagram to its flow. False if the flow has ended meanwhile. */
static __always_inline bool add_to_flow(struct natator_flow *flow, const struct datagram *datagram, bool in_process,
				   __u64 now)
{
	bool added = false;

	/* A flow that began with an arrival has no process yet. */
	if (in_process && !flow->record.pid)
		copy_process(&flow->record.pid, flow->record.command);
	bpf_spin_lock(&flow->lock);
	if (!flow->ended && is_record_of(&flow->record, &datagram->key)) {
		add_datagram(&flow->record, datagram, now);
		added = true;
	}
	bpf_spin_unlock(&flow->lock);
	return added;
}

/* False if the flow exists already, or the map is full. */
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

	if (in_process)
		copy_process(&flow.record.pid, flow.record.command);
	add_datagram(&flow.record, datagram, now);
	if (bpf_map_update_elem(&flows, &datagram->key, &flow, BPF_NOEXIST))
		return false;
	count(NATATOR_STATISTIC_OPENED);
	return true;
}

enum admission {
	ADMITTED,
	/* The filter excludes it. */
	EXCLUDED,
	/* No application holds the socket, or it is not UDP. */
	NOT_COUNTED,
};

/* Completes a datagram that has no flow, and decides whether it is counted. */
static __always_inline enum admission admit(struct datagram *datagram, struct sock *sk)
{
	if (!is_application_udp(sk))
		return NOT_COUNTED;
	datagram->cgroup_id = socket_cgroup_id(sk, true);
	datagram->network_namespace = network_namespace(sk, true);
	datagram->role = role_by_ports(&datagram->key, sk);
	return is_excluded(datagram, sk, server_port(&datagram->key, role_in_flow(datagram))) ? EXCLUDED : ADMITTED;
}

/* Counts a datagram without a flow: in a new flow, or in the fold. in_process: whether the current task uses the socket. */
static __always_inline void count_without_flow(const struct datagram *datagram, bool in_process, __u64 now)
{
	struct natator_flow *flow;

	if (begin_flow(datagram, in_process, now))
		return;
	/* Another CPU began the flow, or the map is full. */
	flow = bpf_map_lookup_elem(&flows, &datagram->key);
	if (flow && add_to_flow(flow, datagram, in_process, now))
		return;
	if (add_to_fold(datagram, in_process, now))
		count_many(NATATOR_STATISTIC_FOLDED, datagram->count);
	else
		count_many(NATATOR_STATISTIC_LOST, datagram->count);
}

/*
 * Reports and deletes a flow that has been idle for long enough. If the ring is full, the flow stays in the map until the
 * next run. An ended flow keeps its key until it is deleted, so the delete cannot hit a new flow.
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
	/* The process that ran the iterator may have died between ending the flow and deleting it. */
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
