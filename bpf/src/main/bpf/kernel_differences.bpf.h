/* One accessor for each difference between kernel versions, so that no other file depends on a version. */
#ifndef NATATOR_KERNEL_DIFFERENCES_BPF_H
#define NATATOR_KERNEL_DIFFERENCES_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * Reads a member of a kernel struct. With probed = false, the verifier knows the type of the pointer, and the member is
 * read directly. With probed = true, the pointer is a number to the verifier, for example an address from a map, and
 * the member is read with bpf_probe_read_kernel(), which cannot fault. probed is a constant in every call, so the
 * compiler removes the other branch.
 */
#define FIELD(probed, pointer, member) ((probed) ? BPF_CORE_READ(pointer, member) : (pointer)->member)

/*
 * Gives an address a type that the verifier knows, so that programs can read through the returned pointer. Reads from
 * an invalid address do not fault. The kernel has this function since commit a35b9af4ec2c ("bpf: Add a kfunc for
 * generic type cast", 6.2).
 */
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym;

/*
 * KERNEL_OBJECT(type, address): a pointer to a kernel object whose address is only a number to the verifier. Read through
 * it with FIELD(PROBED, ...). Such a read does not fault, even if the object was freed.
 */
#ifdef NATATOR_TYPED
#define PROBED false
#define KERNEL_OBJECT(type, address) ((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))
#else
#define PROBED true
#define KERNEL_OBJECT(type, address) ((type *)(address))
#endif

/*
 * Returns whether somebody holds the socket's lock. On PREEMPT_RT a spinlock is an rt_mutex and has no rlock (kernel
 * commit 342a93247e08, "locking/spinlock: Provide RT variant header"). There, this function detects a lock that a
 * process holds, but not a lock that a softirq holds.
 */
static __always_inline bool socket_is_busy(struct sock *sk, bool probed)
{
	if (FIELD(probed, sk, sk_lock.owned))
		return true;
	if (bpf_core_field_exists(sk->sk_lock.slock.rlock))
		return FIELD(probed, sk, sk_lock.slock.rlock.raw_lock.val.counter) != 0;
	return false;
}

/*
 * Returns the id of the socket's cgroup v2; 0 if unknown. It is unknown before kernel commit 8520e224f547 ("bpf,
 * cgroups: Fix cgroup v2 fallback on v1/v2 mixed mode", 5.15): until then the cgroup shared one word with the class id
 * of cgroup v1.
 */
static __always_inline __u64 socket_cgroup_id(struct sock *sk, bool probed)
{
	struct cgroup *cgroup;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	if (probed)
		return BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	cgroup = sk->sk_cgrp_data.cgroup;
	return cgroup ? cgroup->kn->id : 0;
}

/*
 * Returns the identity of the socket's network namespace, which is never used again: its cookie. Before kernel commit
 * 3d368ab87cf6 ("net: initialize net->net_cookie at netns setup", 5.12) the member was no number; then its inode number is
 * returned, which the kernel gives to the next namespace when this one is deleted.
 */
static __always_inline __u64 network_namespace_identity(struct sock *sk, bool probed)
{
	struct net *net = FIELD(probed, sk, __sk_common.skc_net.net);

	return bpf_core_field_exists(net->net_cookie) ? FIELD(probed, net, net_cookie) : FIELD(probed, net, ns.inum);
}

/* Whether the kernel created the socket for itself: no process has it open. */
static __always_inline bool is_kernel_socket(struct sock *sk, bool probed)
{
	if (!bpf_core_field_exists(sk->sk_kern_sock))
		return false;
	return probed ? BPF_CORE_READ_BITFIELD_PROBED(sk, sk_kern_sock) : BPF_CORE_READ_BITFIELD(sk, sk_kern_sock);
}

/*
 * Returns the address of the MPTCP socket (struct mptcp_sock) that a TCP socket is a subflow of; 0 if it is none, or if
 * the kernel has no MPTCP.
 */
static __always_inline __u64 mptcp_socket_of(struct tcp_sock *tcp)
{
	void *context;

	if (!bpf_core_field_exists(tcp->is_mptcp) || !bpf_core_type_exists(struct mptcp_subflow_context) ||
	    !tcp->is_mptcp)
		return 0;
	context = tcp->inet_conn.icsk_ulp_data;
	return (__u64)FIELD(PROBED, KERNEL_OBJECT(struct mptcp_subflow_context, context), conn);
}

/* Returns the address of the first subflow of an MPTCP socket, which for a listener is the TCP socket that listens. */
static __always_inline __u64 first_subflow_of(__u64 mptcp_socket)
{
	if (!mptcp_socket || !bpf_core_type_exists(struct mptcp_sock))
		return 0;
	return (__u64)FIELD(PROBED, KERNEL_OBJECT(struct mptcp_sock, mptcp_socket), first);
}

#endif
