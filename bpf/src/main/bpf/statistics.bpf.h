/* Numbers that the programs count about their own work, for TCP and for UDP, indexed by enum natator_statistic. */
#ifndef NATATOR_STATISTICS_BPF_H
#define NATATOR_STATISTICS_BPF_H

#include "vmlinux.h"
#include "record_layout.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NATATOR_STATISTICS);
	__type(key, __u32);
	__type(value, __u64);
} statistics SEC(".maps");

/*
 * Adds atomically, although each CPU has its own value, because another program can interrupt this one on the same CPU.
 */
static __always_inline void count_many(__u32 statistic, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&statistics, &statistic);

	if (value)
		__sync_fetch_and_add(value, by);
}

static __always_inline void count(__u32 statistic)
{
	count_many(statistic, 1);
}

#endif
