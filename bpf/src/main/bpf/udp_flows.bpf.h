/*
 * Flows: what one socket exchanged with one remote address and port, until a pause ends it. A bounded map; datagrams for
 * whose flow it has no room fold into sums per address pair.
 */
#ifndef NATATOR_UDP_FLOWS_BPF_H
#define NATATOR_UDP_FLOWS_BPF_H

#include "udp_filter.bpf.h"

/* The lowest port that Linux gives to who names none (ip_local_port_range): one below is somebody's choice. */
#define FIRST_EPHEMERAL_PORT 32768

/* Set by the loader: after which pause a flow ends. */
const volatile __u64 idle_nanos = 30000000000ULL;

/* Ends. */
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

/* Preallocated: it is needed when memory is likely to be short as well. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct natator_fold_key);
	__type(value, struct natator_fold_value);
} fold SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NATATOR_STATISTICS);
	__type(key, __u32);
	__type(value, __u64);
} statistics SEC(".maps");

static __always_inline void count(__u32 statistic, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&statistics, &statistic);

	if (value)
		__sync_fetch_and_add(value, by);
}

/*
 * The port decides where it can: somebody chose one and the kernel gave the other. That holds at both ends alike, whoever
 * is seen first, also for a flow that was there before us, that a pause has cut, or that answers a multicast.
 */
static __always_inline __u32 role_by_ports(const struct natator_flow_key *flow)
{
	bool local_chosen = flow->local_port < FIRST_EPHEMERAL_PORT;
	bool remote_chosen = flow->remote_port < FIRST_EPHEMERAL_PORT;

	if (local_chosen == remote_chosen)
		return NATATOR_UNKNOWN_ROLE;
	return local_chosen ? NATATOR_SERVER : NATATOR_CLIENT;
}

/* Who sends first is the client. */
static __always_inline __u32 role_in_flow(const struct datagram *datagram)
{
	__u32 role = role_by_ports(&datagram->key);

	if (role != NATATOR_UNKNOWN_ROLE)
		return role;
	return datagram->sent ? NATATOR_CLIENT : NATATOR_SERVER;
}

static __always_inline __u64 number(__be32 high, __be32 low)
{
	return (__u64)bpf_ntohl(high) << 32 | bpf_ntohl(low);
}

static __always_inline bool is_below(const struct natator_address *one, const struct natator_address *other)
{
	__u64 one_high = number(one->words[0], one->words[1]), other_high = number(other->words[0], other->words[1]);

	if (one_high != other_high)
		return one_high < other_high;
	return number(one->words[2], one->words[3]) < number(other->words[2], other->words[3]);
}

/* Without a flow nobody knows who was first: the lower port is the server's, the lower address's where they are equal. */
static __always_inline __u32 role_in_fold(const struct natator_flow_key *flow)
{
	__u32 role = role_by_ports(flow);

	if (role != NATATOR_UNKNOWN_ROLE)
		return role;
	if (flow->local_port != flow->remote_port)
		return flow->local_port < flow->remote_port ? NATATOR_SERVER : NATATOR_CLIENT;
	return is_below(&flow->local_address, &flow->remote_address) ? NATATOR_SERVER : NATATOR_CLIENT;
}

static __always_inline __u16 server_port(const struct natator_flow_key *flow, __u32 role)
{
	return role == NATATOR_SERVER ? flow->local_port : flow->remote_port;
}

/* The thread group leader's name, as ps shows it. */
static __always_inline void name_process(__u32 *pid, __u8 *command)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	*pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_STR_INTO((char (*)[NATATOR_COMMAND_LENGTH])command, task, group_leader, comm);
}

static const struct natator_fold_value nothing_folded = {};

/* The request is what counts as a connection: a flow that found no room is most likely a question and its answer. */
static __always_inline bool fold_in(const struct datagram *datagram, bool in_process, __u64 now)
{
	__u32 role = role_in_fold(&datagram->key);
	struct natator_fold_key key = {
		.cgroup_id = datagram->cgroup_id,
		.local_address = datagram->key.local_address,
		.remote_address = datagram->key.remote_address,
		.network_namespace = datagram->network_namespace,
		.server_port = server_port(&datagram->key, role),
		.role = role,
		.protocol = IPPROTO_UDP,
	};
	struct natator_fold_value *value = bpf_map_lookup_elem(&fold, &key);

	if (!value) {
		bpf_map_update_elem(&fold, &key, &nothing_folded, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&fold, &key);
		if (!value)
			return false;
	}
	if (!value->start_nanos)
		__sync_val_compare_and_swap(&value->start_nanos, 0, now);
	value->observed_nanos = now;
	if (in_process && !value->pid)
		name_process(&value->pid, value->command);
	if (datagram->sent) {
		__sync_fetch_and_add(&value->bytes_sent, datagram->bytes);
		__sync_fetch_and_add(&value->bytes_acked, datagram->bytes);
		__sync_fetch_and_add(&value->segments_sent, datagram->count);
	} else {
		__sync_fetch_and_add(&value->bytes_received, datagram->bytes);
		__sync_fetch_and_add(&value->segments_received, datagram->count);
	}
	if (!value->connections || datagram->sent == (role == NATATOR_CLIENT))
		__sync_fetch_and_add(&value->connections, 1);
	return true;
}

/* Without preallocation an element can be another flow's by the time its lock is taken. */
static __always_inline bool is_of(const struct natator_record *record, const struct natator_flow_key *key)
{
	__u64 difference = record->cookie ^ key->cookie;

	for (int word = 0; word < 4; word++)
		difference |= (record->local_address.words[word] ^ key->local_address.words[word]) |
			      (record->remote_address.words[word] ^ key->remote_address.words[word]);
	difference |= (record->local_port ^ key->local_port) | (record->remote_port ^ key->remote_port);
	return !difference;
}

static __always_inline void add(struct natator_record *record, const struct datagram *datagram, __u64 now)
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

/* False where the flow has ended meanwhile. */
static __always_inline bool add_to(struct natator_flow *flow, const struct datagram *datagram, bool in_process,
				   __u64 now)
{
	bool added = false;

	/* One that was begun by an arrival does not know its process yet. */
	if (in_process && !flow->record.pid)
		name_process(&flow->record.pid, flow->record.command);
	bpf_spin_lock(&flow->lock);
	if (!flow->ended && is_of(&flow->record, &datagram->key)) {
		add(&flow->record, datagram, now);
		added = true;
	}
	bpf_spin_unlock(&flow->lock);
	return added;
}

static __always_inline bool begin(const struct datagram *datagram, bool in_process, __u64 now)
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
		name_process(&flow.record.pid, flow.record.command);
	add(&flow.record, datagram, now);
	if (bpf_map_update_elem(&flows, &datagram->key, &flow, BPF_NOEXIST))
		return false;
	count(NATATOR_STATISTIC_OPENED, 1);
	return true;
}

enum admission {
	ADMITTED,
	/* By the filter. */
	LEFT_OUT,
	/* No application's, or not UDP. */
	NOT_OURS,
};

/* Completes the description of a datagram that has no flow, and says whether it is to be counted. */
static __always_inline enum admission admit(struct datagram *datagram, struct sock *sk)
{
	if (!is_application_udp(sk))
		return NOT_OURS;
	datagram->cgroup_id = cgroup_id_of(sk);
	datagram->network_namespace = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	return is_left_out(datagram, sk, server_port(&datagram->key, role_in_flow(datagram))) ? LEFT_OUT : ADMITTED;
}

/* in_process: whether the current task is the socket's user. */
static __always_inline void account_without_flow(const struct datagram *datagram, bool in_process, __u64 now)
{
	struct natator_flow *flow;

	if (begin(datagram, in_process, now))
		return;
	/* Somebody else was faster, or there is no room. */
	flow = bpf_map_lookup_elem(&flows, &datagram->key);
	if (flow && add_to(flow, datagram, in_process, now))
		return;
	if (fold_in(datagram, in_process, now))
		count(NATATOR_STATISTIC_FOLDED, datagram->count);
	else
		count(NATATOR_STATISTIC_LOST, datagram->count);
}

/*
 * Hands over what has been quiet for long enough. Where the ring has no room a flow stays: this map is its place until then.
 * Nothing can take the place of an ended flow before it is deleted, so what is deleted is the ended one.
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
	/* The reader that ended it may have died before it deleted it. */
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
		count(NATATOR_STATISTIC_CLOSED, 1);
	} else {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
	}
	if (ended || before)
		bpf_map_delete_elem(&flows, &key);
	return 0;
}

#endif
