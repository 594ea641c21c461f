/*
 * Which connections an operator does not want to see. Decided when a connection begins, and again at the close of one that
 * is not kept: the same constants and the same ends give the same answer. What no filter is set for costs nothing: the
 * verifier removes what a constant of 0 leads to.
 */
#ifndef NATATOR_FILTER_BPF_H
#define NATATOR_FILTER_BPF_H

#include "addresses.bpf.h"
#include <bpf/bpf_helpers.h>

/* Set by the loader: whether connections over 127.0.0.0/8 and ::1 are left out. */
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

/* Deep enough for a container in a pod in a slice, several times over. */
#define CGROUP_LEVELS 16

static __always_inline bool is_loopback(const struct natator_address *address)
{
	if (is_mapped_ipv4(address))
		return (bpf_ntohl(address->words[3]) >> 24) == 127;
	return !address->words[0] && !address->words[1] && !address->words[2] && address->words[3] == bpf_htonl(1);
}

/* enum natator_verdict, 0 where nothing is said. */
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

/* The nearest cgroup that something is said about, upwards from the socket's own. */
static __always_inline __u32 cgroup_verdict(struct sock *sk)
{
	struct cgroup *cgroup;
	__u32 verdict = 0;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	cgroup = sk->sk_cgrp_data.cgroup;
	for (int level = 0; level < CGROUP_LEVELS && cgroup && !verdict; level++) {
		struct cgroup_subsys_state *parent = cgroup->self.parent;

		verdict = verdict_on(NATATOR_SELECT_CGROUP, cgroup->kn->id);
		cgroup = parent ? parent->cgroup : NULL;
	}
	return verdict;
}

static __always_inline bool is_out(__u32 selection, __u32 verdict)
{
	return verdict == NATATOR_OUT || (selection == NATATOR_SELECT_ONLY && verdict != NATATOR_IN);
}

static __always_inline bool addresses_are_out(struct sock *sk)
{
	struct natator_address local, remote;
	__u32 verdict, other;

	local_address(sk, &local, false);
	remote_address(sk, &remote, false);
	/* An IPv6 socket that connects to an IPv4 address does not have its own as an IPv6 one yet (tcp_v6_connect()). */
	if (is_mapped_ipv4(&remote) && is_wildcard(&local))
		map_ipv4(&local, sk->__sk_common.skc_rcv_saddr);
	if (loopback_left_out && (is_loopback(&local) || is_loopback(&remote)))
		return true;
	if (!networks_selection)
		return false;
	verdict = network_verdict(&local);
	other = network_verdict(&remote);
	if (verdict == NATATOR_OUT || other == NATATOR_OUT)
		return true;
	return is_out(networks_selection, verdict ? verdict : other);
}

static __noinline bool is_left_out(struct sock *sk, __u16 server_port)
{
	if ((loopback_left_out || networks_selection) && addresses_are_out(sk))
		return true;
	if (ports_selection && is_out(ports_selection, verdict_on(NATATOR_SELECT_PORT, server_port)))
		return true;
	if (namespaces_selection &&
	    is_out(namespaces_selection,
		   verdict_on(NATATOR_SELECT_NETWORK_NAMESPACE, sk->__sk_common.skc_net.net->ns.inum)))
		return true;
	return cgroups_selection && is_out(cgroups_selection, cgroup_verdict(sk));
}

static __always_inline __u16 server_port(struct sock *sk, struct tcp_sock *tcp, __u32 role)
{
	return role == NATATOR_SERVER ? local_port(tcp, false) : remote_port(sk, false);
}

#endif
