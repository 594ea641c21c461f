/*
 * The fold: sums of bytes per address pair, for TCP and for UDP. It is used for connections and datagrams for which no other
 * map has space. The sums are exact; the detail is lost. tcp_ring_spill_fold.bpf.h and udp_fold.bpf.h add to it.
 */
#ifndef NATATOR_FOLD_MAP_BPF_H
#define NATATOR_FOLD_MAP_BPF_H

#include "vmlinux.h"
#include "record_layout.h"
#include <bpf/bpf_helpers.h>

/* Preallocated: when it is needed, memory is likely to be short. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct natator_fold_key);
	__type(value, struct natator_fold_value);
} fold SEC(".maps");

static const struct natator_fold_value empty_fold = {};

/* The sum of an address pair, created if missing; NULL if the map is full. The caller adds to it atomically. */
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
