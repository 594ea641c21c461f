/*
 * Which flows an operator does not want to see, by the same rules, constants and maps as filter.bpf.h. Asked for every
 * datagram that belongs to no flow: what is left out takes no place among the flows.
 */
#ifndef NATATOR_UDP_FILTER_BPF_H
#define NATATOR_UDP_FILTER_BPF_H

#include "udp_datagram.bpf.h"

/* Set by the loader: whether flows over 127.0.0.0/8 and ::1 are left out. */
const volatile __u32 loopback_left_out = 0;

/* Set by the loader: enum natator_selection of each kind. */
const volatile __u32 networks_selection = 0;
const volatile __u32 ports_selection = 0;
const volatile __u32 cgroups_selection = 0;
const volatile __u32 namespaces_selection = 0;

/* The longest prefix decides. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct natator_network);
	__type(value, __u32);
} networks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct natator_selector);
	__type(value, __u32);
} selectors SEC(".maps");

#define CGROUP_LEVELS 16

static __always_inline bool is_loopback(const struct natator_address *address)
{
	if (is_mapped_ipv4(address))
		return (bpf_ntohl(address->words[3]) >> 24) == 127;
	return !address->words[0] && !address->words[1] && !address->words[2] && address->words[3] == bpf_htonl(1);
}

static __always_inline __u32 network_verdict(const struct natator_address *address)
{
	struct natator_network key = {.prefix_length = 128, .address = *address};
	__u32 *verdict = bpf_map_lookup_elem(&networks, &key);

	return verdict ? *verdict : 0;
}

static __always_inline __u32 verdict_on(__u32 kind, __u64 value)
{
	struct natator_selector key = {.value = value, .kind = kind};
	__u32 *verdict = bpf_map_lookup_elem(&selectors, &key);

	return verdict ? *verdict : 0;
}

static __always_inline __u32 cgroup_verdict(struct sock *sk)
{
	struct cgroup *cgroup;
	__u32 verdict = 0;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup);
	for (int level = 0; level < CGROUP_LEVELS && cgroup && !verdict; level++) {
		struct cgroup_subsys_state *parent = BPF_CORE_READ(cgroup, self.parent);

		verdict = verdict_on(NATATOR_SELECT_CGROUP, BPF_CORE_READ(cgroup, kn, id));
		cgroup = parent ? BPF_CORE_READ(parent, cgroup) : NULL;
	}
	return verdict;
}

static __always_inline bool is_out(__u32 selection, __u32 verdict)
{
	return verdict == NATATOR_OUT || (selection == NATATOR_SELECT_ONLY && verdict != NATATOR_IN);
}

static __always_inline bool networks_are_out(const struct natator_flow_key *flow)
{
	__u32 local = network_verdict(&flow->local_address);
	__u32 remote = network_verdict(&flow->remote_address);

	return local == NATATOR_OUT || remote == NATATOR_OUT || is_out(networks_selection, local ? local : remote);
}

static __always_inline bool is_left_out(const struct datagram *datagram, struct sock *sk, __u16 server_port)
{
	const struct natator_flow_key *flow = &datagram->key;

	if (loopback_left_out && (is_loopback(&flow->local_address) || is_loopback(&flow->remote_address)))
		return true;
	if (networks_selection && networks_are_out(flow))
		return true;
	if (ports_selection && is_out(ports_selection, verdict_on(NATATOR_SELECT_PORT, server_port)))
		return true;
	if (namespaces_selection &&
	    is_out(namespaces_selection,
		   verdict_on(NATATOR_SELECT_NETWORK_NAMESPACE, datagram->network_namespace)))
		return true;
	return cgroups_selection && is_out(cgroups_selection, cgroup_verdict(sk));
}

#endif
