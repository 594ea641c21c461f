/* One accessor for each difference between kernel versions, so that no other file depends on a version. */
#ifndef NATATOR_KERNEL_DIFFERENCES_BPF_H
#define NATATOR_KERNEL_DIFFERENCES_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * A member of a kernel struct. With probed = false, pointer is one whose type the verifier knows, and the member is read as in
 * C. With probed = true, pointer is an address from a map, and the member is read with bpf_probe_read_kernel(), which cannot
 * fault. probed is a constant in every call, so the compiler keeps only one of the two.
 */
#define FIELD(probed, pointer, member) ((probed) ? BPF_CORE_READ(pointer, member) : (pointer)->member)

/* Kernel commit a35b9af4ec2c ("bpf: Add a kfunc for generic type cast", 6.2): reads through the pointer that it returns cannot fault. */
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym;

/*
 * On PREEMPT_RT a spinlock is an rt_mutex and has no rlock (kernel commit 342a93247e08, "locking/spinlock: Provide RT
 * variant header"). There, only a lock that is held in process
 * context is seen.
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
 * its word with the class id of cgroup v1 and had no member of its own. 0: unknown.
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
