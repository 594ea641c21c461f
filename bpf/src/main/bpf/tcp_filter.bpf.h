/*
 * Decides which sockets are TCP, and which TCP connections the operator's rules exclude. The rules are applied when a
 * connection begins. For a connection without a slot (entry in the table of open connections) they are applied again at
 * its close, and give the same result. A rule that is not set costs nothing: its constant is 0, and the verifier
 * eliminates the branch.
 */
#ifndef NATATOR_TCP_FILTER_BPF_H
#define NATATOR_TCP_FILTER_BPF_H

#include "filter_rules.bpf.h"

/*
 * Returns whether the socket is TCP. The tracepoint also reports DCCP and SCTP sockets, which change their state with
 * inet_sk_set_state() too.
 */
static __always_inline bool is_tcp(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;

	return sk->sk_protocol == IPPROTO_TCP && (family == AF_INET || family == AF_INET6);
}

/* Returns whether the socket is that of an MPTCP connection or listener. Its subflows are TCP sockets. */
static __always_inline bool is_mptcp(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;

	return sk->sk_protocol == IPPROTO_MPTCP && (family == AF_INET || family == AF_INET6);
}

static __always_inline bool ends_are_excluded(struct sock *sk)
{
	struct natator_address local, remote;

	local_address(sk, &local, false);
	remote_address(sk, &remote, false);
	/*
	 * While an IPv6 socket connects to an IPv4 address, it does not have an IPv6 local address yet
	 * (tcp_v6_connect()). The IPv4 local address is used instead.
	 */
	if (is_mapped_ipv4(&remote) && is_wildcard(&local))
		map_ipv4(&local, sk->__sk_common.skc_rcv_saddr);
	/*
	 * If only one address is a loopback address, something redirected the connection, such as the sidecar of a service
	 * mesh. The client's end has no loopback address, so it is always reported. The server's end must be reported too,
	 * so that the two are recognised as one connection within a pod.
	 */
	if (loopback_excluded && is_loopback(&local) && is_loopback(&remote))
		return true;
	return networks_selection && networks_exclude(&local, &remote);
}

static __noinline bool is_excluded(struct sock *sk, __u16 server_port)
{
	if ((loopback_excluded || networks_selection) && ends_are_excluded(sk))
		return true;
	if (port_is_excluded(server_port))
		return true;
	if (namespaces_selection && namespace_is_excluded(network_namespace(sk, false)))
		return true;
	return cgroup_is_excluded(sk, false);
}

static __always_inline __u16 server_port(struct sock *sk, struct tcp_sock *tcp, __u32 role)
{
	return role == NATATOR_SERVER ? local_port(tcp, false) : remote_port(sk, false);
}

#endif
