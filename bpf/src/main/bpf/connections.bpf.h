/*
 * What is kept of a connection while it lives: what its socket does not tell.
 *
 * An array in which a socket's address names the first of a few neighbouring places. A socket that is freed gives its
 * address to the next one, so short connections meet the same warm cache lines, and no event takes a lock or allocates.
 * Socket storage, which lives and dies with its socket, costs two allocations and two RCU callbacks; a hash map costs its
 * locks and lists. The price is that a place can be missing before the array is full: such a connection is not read live,
 * and exact at its close, like one that was never seen to open.
 */
#ifndef NATATOR_CONNECTIONS_BPF_H
#define NATATOR_CONNECTIONS_BPF_H

#include "vmlinux.h"
#include "natator.h"
#include <bpf/bpf_helpers.h>

enum connection_stage {
	STAGE_FREE = 0,
	/* By one processor, which fills it. */
	STAGE_TAKEN,
	STAGE_CONNECTING,
	STAGE_ESTABLISHED,
	/* Being reported. */
	STAGE_CLOSING,
	/* Free, and still telling the program's other copy that the close is reported. */
	STAGE_CLOSED,
};

/* One cache line. */
struct connection {
	/* Where the socket is: an address to probe, not to trust. Sockets are SLAB_TYPESAFE_BY_RCU. */
	__u64 socket;
	/* The socket's own number, which no other ever has. */
	__u64 cookie;
	__u64 start_nanos;
	__u64 fingerprint;
	/* enum connection_stage; only ever exchanged atomically. */
	__u32 stage;
	__u32 pid;
	__u8 command[NATATOR_COMMAND_LENGTH];
	/* Whether it may be in the live map; now and then it is set for one that is not. */
	__u32 seen;
	__u16 role;
	/* Whether bytes_acked counts our SYN: the active opener's does. True until the opposite is known. */
	__u16 counts_syn;
};
_Static_assert(sizeof(struct connection) == 64, "connection");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 17);
	__type(key, __u32);
	__type(value, struct connection);
} connections SEC(".maps");

/* By cookie. Filled by the refresh alone, so that short connections never touch it; emptied at close. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct natator_record);
} live SEC(".maps");

/* Set by the loader: the number of places, a power of two, less one. */
const volatile __u32 place_mask = (1 << 17) - 1;

/* Neighbours that are looked at. With half of all places taken, fewer than one connection in a hundred finds none. */
#define PLACES 16

/* The verifier takes the lower half of an address for a number, and refuses to calculate with a whole one. */
static __always_inline __u32 lower_half(const void *address)
{
	__u32 half;

	asm volatile("%0 = %1" : "=w"(half) : "w"((__u32)(__u64)address));
	return half;
}

static __always_inline struct connection *place(const struct sock *sk, __u32 step)
{
	/* Sockets are aligned to cache lines; the multiplier is 2^32 divided by the golden ratio. */
	__u32 index = (((lower_half(sk) >> 6) * 0x9e3779b1 >> 8) + step) & place_mask;

	return bpf_map_lookup_elem(&connections, &index);
}

/*
 * What is kept of the socket's connection, the last one if it has had several. It was put into the first place that could
 * be had, and a place that was once used is never free again, only closed: nothing is behind a free one.
 */
static __always_inline struct connection *find(const struct sock *sk, __u64 cookie)
{
#pragma clang loop unroll(disable)
	for (__u32 step = 0; step < PLACES; step++) {
		struct connection *connection = place(sk, step);

		if (!connection || connection->stage == STAGE_FREE)
			return NULL;
		if (connection->socket == (__u64)sk && connection->cookie == cookie)
			return connection;
	}
	return NULL;
}

static __always_inline bool move(struct connection *connection, __u32 from, __u32 to)
{
	return __sync_val_compare_and_swap(&connection->stage, from, to) == from;
}

/*
 * A place for a new connection, in STAGE_TAKEN. What is still kept of another socket that had the address was missed, and
 * nobody else would take it out of the live map.
 */
static __always_inline struct connection *take(const struct sock *sk, __u64 cookie, __u64 now)
{
#pragma clang loop unroll(disable)
	for (__u32 step = 0; step < PLACES; step++) {
		struct connection *connection = place(sk, step);
		__u32 stage;

		if (!connection)
			return NULL;
		stage = connection->stage;
		if (stage != STAGE_FREE && stage != STAGE_CLOSED && connection->socket != (__u64)sk)
			continue;
		if (stage == STAGE_TAKEN || !move(connection, stage, STAGE_TAKEN))
			continue;
		if (stage != STAGE_FREE && stage != STAGE_CLOSED && connection->seen)
			bpf_map_delete_elem(&live, &connection->cookie);
		connection->socket = (__u64)sk;
		connection->cookie = cookie;
		connection->start_nanos = now;
		connection->fingerprint = 0;
		connection->pid = 0;
		__builtin_memset(connection->command, 0, sizeof(connection->command));
		connection->seen = 0;
		connection->role = NATATOR_UNKNOWN_ROLE;
		connection->counts_syn = 1;
		return connection;
	}
	return NULL;
}

/* From STAGE_TAKEN: others may read it now. */
static __always_inline void keep(struct connection *connection, __u32 stage)
{
	__sync_lock_test_and_set(&connection->stage, stage);
}

#endif
