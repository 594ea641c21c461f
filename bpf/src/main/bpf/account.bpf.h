/* What TCP and UDP account alike: sums per address pair of what finds no room for its detail, and what is counted of it. */
#ifndef NATATOR_ACCOUNT_BPF_H
#define NATATOR_ACCOUNT_BPF_H

#include "vmlinux.h"
#include "natator.h"
#include <bpf/bpf_helpers.h>

/* Preallocated: it is needed when memory is likely to be short as well. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct natator_fold_key);
	__type(value, struct natator_fold_value);
} fold SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NATATOR_STATISTICS);
	__type(key, __u32);
	__type(value, __u64);
} statistics SEC(".maps");

/* Atomic even per CPU: a program is interrupted by its other copy. */
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

static const struct natator_fold_value nothing_folded = {};

/* The sum of an address pair, to be added to; NULL where there is no room for another one. */
static __always_inline struct natator_fold_value *sum_of(const struct natator_fold_key *key, __u64 now)
{
	struct natator_fold_value *value = bpf_map_lookup_elem(&fold, key);

	if (!value) {
		bpf_map_update_elem(&fold, key, &nothing_folded, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&fold, key);
		if (!value)
			return NULL;
	}
	if (!value->start_nanos)
		__sync_val_compare_and_swap(&value->start_nanos, 0, now);
	value->observed_nanos = now;
	return value;
}

#endif
