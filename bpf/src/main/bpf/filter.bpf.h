/*
 * Which connections an operator does not want to see. Decided when a connection begins, and again at the close of one that
 * is not kept: the same constants and the same ends give the same answer. What no filter is set for costs nothing: the
 * verifier removes what a constant of 0 leads to.
 */
#ifndef NATATOR_FILTER_BPF_H
#define NATATOR_FILTER_BPF_H

#include "selection.bpf.h"

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

static __always_inline bool addresses_are_out(struct sock *sk)
{
	struct natator_address local, remote;

	local_address(sk, &local, false);
	remote_address(sk, &remote, false);
	/* An IPv6 socket that connects to an IPv4 address does not have its own as an IPv6 one yet (tcp_v6_connect()). */
	if (is_mapped_ipv4(&remote) && is_wildcard(&local))
		map_ipv4(&local, sk->__sk_common.skc_rcv_saddr);
	if (loopback_left_out && (is_loopback(&local) || is_loopback(&remote)))
		return true;
	return networks_selection && networks_are_out(&local, &remote);
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
