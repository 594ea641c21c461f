/*
 * The map "fold": sums of bytes per address pair, for TCP and for UDP. A connection or datagram is added to a sum if no
 * other map has space for it. The sums are exact, but single connections can no longer be told apart in them.
 * tcp_ring_spill_fold.bpf.h and udp_fold.bpf.h decide what is added.
 */
#ifndef NATATOR_FOLD_MAP_BPF_H
#define NATATOR_FOLD_MAP_BPF_H

#include "vmlinux.h"
#include "record_layout.h"
#include <bpf/bpf_helpers.h>

/* Preallocated, because memory can be short at the time when this map is needed: user space is not reading then. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct natator_fold_key);
	__type(value, struct natator_fold_value);
} fold SEC(".maps");

static const struct natator_fold_value empty_fold = {};

/*
 * Returns the sum of an address pair, and creates it if it does not exist. Returns NULL if the map is full. Other CPUs
 * can change the sum at the same time, so callers must add to it atomically.
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

/* Sets the process of a sum, or, if it has another one, marks the sum as mixed. pid: 0 if the process is unknown. */
static __always_inline void set_fold_process(struct natator_fold_value *value, __u32 pid, const __u8 *command)
{
	__u32 before = pid ? __sync_val_compare_and_swap(&value->pid, 0, pid) : 0;

	if (!pid || (before && before != pid))
		value->mixed = 1;
	else if (!before)
		__builtin_memcpy(value->command, command, sizeof(value->command));
}

#endif
