/*
 * Reserves records in a ring buffer and discards most of them. end_idle() does the same if a flow turns out not to be
 * idle.
 */
#include "vmlinux.h"
#include "record_layout.h"
#include "fold_map.bpf.h"
#include "statistics.bpf.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define RECORDS 20

/* Set by the test: index of the only record that is submitted. The value RECORDS means that no record is submitted. */
const volatile __u32 submitted = RECORDS;

/* The ring buffer. It has space for the records of one run of the program, but not for those of two. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* The iterator over this map runs the program once for each of its elements. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RECORDS);
	__type(key, __u32);
	__type(value, __u32);
} records SEC(".maps");

SEC("iter/bpf_map_elem")
int reserve(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *number = context->key;
	struct natator_record *record;

	if (!number)
		return 0;
	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) {
		count(NATATOR_STATISTIC_LOST);
		return 0;
	}
	__builtin_memset(record, 0, sizeof(*record));
	record->remote_address.words[3] = 1;
	record->event = NATATOR_CLOSED;
	record->protocol = 17;
	record->role = NATATOR_CLIENT;
	record->close_reason = NATATOR_REASON_IDLE;
	if (*number == submitted)
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	else
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
	return 0;
}
