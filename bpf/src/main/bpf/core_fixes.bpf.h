/* Where kernels differ: one accessor for each drift, so that the programs read as if there was one kernel. */
#ifndef NATATOR_CORE_FIXES_BPF_H
#define NATATOR_CORE_FIXES_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * A member of a kernel struct. Through a pointer that the verifier knows it is read as in C; through an address that was
 * kept in a map it is probed, which cannot fault. probed is a constant where this is used: one of the two is left.
 */
#define FIELD(probed, pointer, member) ((probed) ? BPF_CORE_READ(pointer, member) : (pointer)->member)

/* Kernel commit a35b9af4ec2c ("bpf: Add a kfunc for generic type cast", 6.2): reads through it cannot fault. */
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym;

/*
 * On PREEMPT_RT a spinlock is an rt_mutex and has no rlock (kernel commit 342a93247e08, "locking/spinlock: Provide RT
 * variant header"). There only the process-context owner can be seen.
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
 * Before kernel commit 8520e224f547 ("bpf, cgroups: Fix cgroup v2 fallback on v1/v2 mixed mode", 5.15) the cgroup shared
 * its word with the class id of cgroup v1 and had no name of its own.
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
