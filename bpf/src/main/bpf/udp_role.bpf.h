/* Decides which end of a UDP flow is the client, and which port is the server's. */
#ifndef NATATOR_UDP_ROLE_BPF_H
#define NATATOR_UDP_ROLE_BPF_H

#include "udp_datagram.bpf.h"

/*
 * A range of ephemeral ports: the kernel assigns them to sockets that are not bound to a port
 * (net.ipv4.ip_local_port_range, which also applies to IPv6).
 */
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

/* Whether an application has chosen the port, which is assumed if the port is outside the ephemeral range. */
static __always_inline bool is_chosen(__u16 port, struct port_range ephemeral)
{
	return port < ephemeral.first || port > ephemeral.last;
}

/*
 * If exactly one port is outside the ephemeral range, the end with this port is the server. The order of datagrams does
 * not matter, so both ends of a flow get the same result, even if the programs missed the beginning of the flow or the
 * flow answers a multicast. The peer is assumed to have the same ephemeral range as this network namespace.
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

/*
 * Returns the role of the socket in the datagram's flow. The end that sends first is the client, except if the ports or
 * an earlier datagram of the flow have already decided the role.
 */
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

/*
 * Returns the role for a sum per address pair. A sum does not show which end sent first. If the ephemeral range has not
 * decided the role, the end with the lower port is the server; if the ports are equal, the end with the lower address
 * is the server.
 */
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

#endif
