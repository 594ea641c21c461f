/*
 * The fold: sums of bytes per address pair, for TCP and for UDP. Connections and datagrams are added to it if no other
 * map has space for them. The sums are exact, but no longer show the single connections. tcp_ring_spill_fold.bpf.h and
 * udp_fold.bpf.h decide what is added.
 */
#ifndef NATATOR_FOLD_MAP_BPF_H
#define NATATOR_FOLD_MAP_BPF_H

#include "vmlinux.h"
#include "record_layout.h"
#include <bpf/bpf_helpers.h>

/* Preallocated, because memory may be short when the fold is needed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct natator_fold_key);
	__type(value, struct natator_fold_value);
} fold SEC(".maps");

static const struct natator_fold_value empty_fold = {};

/*
 * Returns the sum of an address pair, and creates it if it is missing. NULL if the map is full. Callers must add
 * atomically.
 */
static __always_inline struct natator_fold_value *find_or_create_fold(const struct natator_fold_key *key, __u64 now)
{
	struct natator_fold_value *value = bpf_map_lookup_elem(&fold, key);

	if (!value) {
		bpf_map_update_elem(&fold, key, &empty_fold, BPF_NOEXIST);
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
