/*
 * Who of a flow is the client, and the sums of datagrams for whose flow there is no room, per address pair.
 */
#ifndef NATATOR_UDP_FOLD_BPF_H
#define NATATOR_UDP_FOLD_BPF_H

#include "account.bpf.h"
#include "udp_filter.bpf.h"

/* The ports that the kernel assigns to sockets that name none: net.ipv4.ip_local_port_range, which is IPv6's as well. */
struct port_range {
	__u16 first;
	__u16 last;
};

static __always_inline struct port_range ephemeral_ports(struct sock *sk)
{
	struct net___ports *net = (void *)BPF_CORE_READ(sk, __sk_common.skc_net.net);
	struct local_ports___two_words *words = (void *)&net->ipv4.ip_local_ports;
	struct port_range range;
	__u32 word;

	if (bpf_core_field_exists(words->range)) {
		range.first = BPF_CORE_READ(words, range[0]);
		range.last = BPF_CORE_READ(words, range[1]);
	} else {
		word = BPF_CORE_READ(net, ipv4.ip_local_ports.range);
		range.first = word;
		range.last = word >> 16;
	}
	return range;
}

static __always_inline bool is_chosen(__u16 port, struct port_range ephemeral)
{
	return port < ephemeral.first || port > ephemeral.last;
}

/*
 * A port outside the ephemeral range was chosen by somebody, so its end is the server. Both ends come to the same result,
 * whichever is seen first, also for a flow that began before us, that a pause has cut, or that answers a multicast. The
 * peer's namespace is not known here: its range is taken to be the same.
 */
static __always_inline __u32 role_by_ports(const struct natator_flow_key *flow, struct sock *sk)
{
	struct port_range ephemeral = ephemeral_ports(sk);
	bool local_chosen = is_chosen(flow->local_port, ephemeral);
	bool remote_chosen = is_chosen(flow->remote_port, ephemeral);

	if (local_chosen == remote_chosen)
		return NATATOR_UNKNOWN_ROLE;
	return local_chosen ? NATATOR_SERVER : NATATOR_CLIENT;
}

/* Who sends first is the client, unless the ports or an earlier datagram of the flow have decided. */
static __always_inline __u32 role_in_flow(const struct datagram *datagram)
{
	if (datagram->role != NATATOR_UNKNOWN_ROLE)
		return datagram->role;
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
static __always_inline __u32 role_in_fold(const struct datagram *datagram)
{
	const struct natator_flow_key *flow = &datagram->key;

	if (datagram->role != NATATOR_UNKNOWN_ROLE)
		return datagram->role;
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

/* The request is what counts as a connection: a flow that found no room is most likely a question and its answer. */
static __always_inline bool fold_in(const struct datagram *datagram, bool in_process, __u64 now)
{
	__u32 role = role_in_fold(datagram);
	struct natator_fold_key key = {
		.cgroup_id = datagram->cgroup_id,
		.local_address = datagram->key.local_address,
		.remote_address = datagram->key.remote_address,
		.network_namespace = datagram->network_namespace,
		.server_port = server_port(&datagram->key, role),
		.role = role,
		.protocol = IPPROTO_UDP,
	};
	struct natator_fold_value *value = sum_of(&key, now);

	if (!value)
		return false;
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

#endif
