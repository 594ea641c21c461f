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

#endif
