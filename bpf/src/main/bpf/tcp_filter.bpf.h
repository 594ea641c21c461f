/*
 * Which TCP connections the operator excludes. Decided when a connection begins, and again at the close of a connection
 * without a slot: the same rules and the same ends give the same answer. Unused filters are free: where a constant is 0, the
 * verifier eliminates the branch.
 */
#ifndef NATATOR_TCP_FILTER_BPF_H
#define NATATOR_TCP_FILTER_BPF_H

#include "filter_rules.bpf.h"

/* The verdict on the nearest cgroup that has one, from the socket's own upwards; 0 if none has. */
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

static __always_inline bool ends_are_excluded(struct sock *sk)
{
	struct natator_address local, remote;

	local_address(sk, &local, false);
	remote_address(sk, &remote, false);
	/* An IPv6 socket that connects to an IPv4 address has no IPv6 local address yet (tcp_v6_connect()). */
	if (is_mapped_ipv4(&remote) && is_wildcard(&local))
		map_ipv4(&local, sk->__sk_common.skc_rcv_saddr);
	if (loopback_excluded && (is_loopback(&local) || is_loopback(&remote)))
		return true;
	return networks_selection && networks_exclude(&local, &remote);
}

static __noinline bool is_excluded(struct sock *sk, __u16 server_port)
{
	if ((loopback_excluded || networks_selection) && ends_are_excluded(sk))
		return true;
	if (ports_selection && excludes(ports_selection, verdict_on(NATATOR_SELECT_PORT, server_port)))
		return true;
	if (namespaces_selection &&
	    excludes(namespaces_selection,
		   verdict_on(NATATOR_SELECT_NETWORK_NAMESPACE, sk->__sk_common.skc_net.net->ns.inum)))
		return true;
	return cgroups_selection && excludes(cgroups_selection, cgroup_verdict(sk));
}

static __always_inline __u16 server_port(struct sock *sk, struct tcp_sock *tcp, __u32 role)
{
	return role == NATATOR_SERVER ? local_port(tcp, false) : remote_port(sk, false);
}

#endif
