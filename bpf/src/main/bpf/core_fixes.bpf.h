/* Where kernels differ: one accessor for each drift, so that the programs read as if there was one kernel. */
#ifndef NATATOR_CORE_FIXES_BPF_H
#define NATATOR_CORE_FIXES_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * On PREEMPT_RT a spinlock is an rt_mutex and has no rlock (kernel commit 342a93247e08, "locking/spinlock: Provide RT
 * variant header"). There only the process-context owner can be seen.
 */
static __always_inline bool socket_is_busy(struct sock *sk)
{
	if (sk->sk_lock.owned)
		return true;
	if (bpf_core_field_exists(sk->sk_lock.slock.rlock))
		return sk->sk_lock.slock.rlock.raw_lock.val.counter != 0;
	return false;
}

/*
 * Before kernel commit 8520e224f547 ("bpf, cgroups: Fix cgroup v2 fallback on v1/v2 mixed mode", 5.15) the cgroup shared
 * its word with the class id of cgroup v1 and had no name of its own.
 */
static __always_inline __u64 socket_cgroup_id(struct sock *sk)
{
	struct cgroup *cgroup;

	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		return 0;
	cgroup = sk->sk_cgrp_data.cgroup;
	return cgroup ? cgroup->kn->id : 0;
}

#endif
