/*
 * The slot table has an entry (slot) for each open connection. It stores what the programs must know about the connection but
 * its socket does not contain: the process, the role, the fingerprint, the start.
 *
 * The table is an array. A hash of the socket's address selects the first of SLOTS_PROBED neighbouring slots. The kernel
 * reuses the address of a freed socket for the next socket, so short connections use the same cached slots. No event takes a
 * lock or allocates memory. Socket storage (BPF_MAP_TYPE_SK_STORAGE) would cost two allocations and two RCU callbacks per
 * connection; a hash map would cost locks and list operations. The disadvantage of the array: all probed slots can be taken
 * before the table is full. The counters of a connection without a slot are not read while it is open, but its close is exact.
 *
 * States of a slot (enum slot_state):
 *
 *            claim_slot         set_slot_state
 *     FREE ──────────────▶ CLAIMED ──────────▶ CONNECTING ──────────────────┐
 *                          ▲  ▲  │                 │ set_slot_state         │
 *               claim_slot │  │  └──────────▶ ESTABLISHED ──────────────────┤
 *                          │  │                 │ change_slot_state         │ change_slot_state:
 *                          │  │                 ▼ (also from CONNECTING)    │ its close was missed
 *                          │  │              CLOSING                        │
 *                          │  │                 │ set_slot_state            │
 *                          │  │                 ▼                           │
 *                          │  └────────────── CLOSED ◀──────────────────────┘
 *                          └─ CONNECTING, ESTABLISHED or CLOSING, if a socket at the same address begins a new connection:
 *                             the close of the old connection was missed
 *
 * Invariants:
 *   1. A slot never becomes FREE again. A claim takes the first usable slot, so a FREE slot ends the search for a socket's slot.
 *   2. The program that moved a slot to CLAIMED sets its members, and publishes it with set_slot_state(). Besides the state, only
 *      three things of a published slot change: role and fingerprint when the handshake is done (on_established(), under the
 *      socket's lock), a process that was not known (adopt()), and in_live_map (refresh_live_counters()).
 *   3. One of the two copies of the state program (tcp_event_dedup.bpf.h) moves a slot to CLOSING and reports the close. The
 *      other copy finds CLOSING or CLOSED and reports nothing.
 *   4. in_live_map can be 1 although the map "live" (counters of open connections) has no entry of the connection. It is never 0
 *      if there is an entry. A program that moves a slot out of ESTABLISHED deletes the entry if in_live_map is 1. A refresh
 *      that finds the slot changed after it has inserted an entry deletes this entry.
 *   5. slot->socket can point to freed memory or to another connection's socket. A reader compares the cookie after reading.
 *   6. Every change of the state is atomic. A program that neither owns the slot (CLAIMED, CLOSING) nor runs under the socket's
 *      lock calls change_slot_state(), which changes the state only if it has the expected value.
 */
#ifndef NATATOR_TCP_SLOTS_BPF_H
#define NATATOR_TCP_SLOTS_BPF_H

#include "vmlinux.h"
#include "record_layout.h"
#include <bpf/bpf_helpers.h>

enum slot_state {
	/* The slot (entry of the table) was never used. */
	SLOT_FREE = 0,
	/* A program is setting the members of the slot. */
	SLOT_CLAIMED,
	/* connect(2) was called; the handshake is not done. */
	SLOT_CONNECTING,
	SLOT_ESTABLISHED,
	/* A program is reporting the close. */
	SLOT_CLOSING,
	/* The close is reported, so another connection can claim the slot. */
	SLOT_CLOSED,
};

/* An entry of the table of open connections: one cache line. */
struct connection_slot {
	/*
	 * Address of the socket. The slot holds no reference to the socket, and the kernel reuses the address
	 * (SLAB_TYPESAFE_BY_RCU).
	 */
	__u64 socket;
	/* The socket's cookie, which is unique until the next boot. */
	__u64 cookie;
	__u64 start_nanos;
	__u64 fingerprint;
	/* The state of the slot (enum slot_state). */
	__u32 state;
	__u32 pid;
	__u8 command[NATATOR_COMMAND_LENGTH];
	/* 1 if the map "live" possibly has an entry of the connection; 0 if it certainly has none. */
	__u32 in_live_map;
	__u16 role;
	/*
	 * 1 if the socket's counter bytes_acked includes its own SYN, which is true only at the client. Also 1 while
	 * the role is unknown.
	 */
	__u16 counts_syn;
};
_Static_assert(sizeof(struct connection_slot) == 64, "connection_slot");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 17);
	__type(key, __u32);
	__type(value, struct connection_slot);
} connections SEC(".maps");

/*
 * Counters of open connections by socket cookie. tcp_live_refresh.bpf.h inserts entries periodically, and the close
 * deletes them. So a connection that closes before the next refresh does not use the map.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct natator_record);
} live SEC(".maps");

/* Set by the loader: the number of slots minus one. The number of slots is a power of two. */
const volatile __u32 slot_mask = (1 << 17) - 1;

/*
 * Number of neighbouring slots that a socket can use. If half of all slots are taken, fewer than 1 in 100 connections
 * find all 16 taken.
 */
#define SLOTS_PROBED 16

/*
 * Returns the lower 32 bits of an address as a number. The verifier does not allow arithmetic of this kind on the
 * pointer itself.
 */
static __always_inline __u32 lower_half(const void *address)
{
	__u32 half;

	asm volatile("%0 = %1" : "=w"(half) : "w"((__u32)(__u64)address));
	return half;
}

static __always_inline struct connection_slot *slot_at(const struct sock *sk, __u32 step)
{
	/* Sockets are aligned to cache lines (64 bytes); the multiplier is 2^32 divided by the golden ratio. */
	__u32 index = (((lower_half(sk) >> 6) * 0x9e3779b1 >> 8) + step) & slot_mask;

	return bpf_map_lookup_elem(&connections, &index);
}

/*
 * Returns the slot of the socket's latest connection, in any state except FREE (never used); NULL if the connection has
 * none.
 */
static __always_inline struct connection_slot *find_slot(const struct sock *sk, __u64 cookie)
{
#pragma clang loop unroll(disable)
	for (__u32 step = 0; step < SLOTS_PROBED; step++) {
		struct connection_slot *slot = slot_at(sk, step);

		if (!slot || slot->state == SLOT_FREE)
			return NULL;
		if (slot->socket == (__u64)sk && slot->cookie == cookie)
			return slot;
	}
	return NULL;
}

/*
 * Changes the state of a slot, if its state is still the expected one (from). Otherwise another program has changed the
 * state before; then this function changes nothing and returns false.
 */
static __always_inline bool change_slot_state(struct connection_slot *slot, __u32 from, __u32 to)
{
	return __sync_val_compare_and_swap(&slot->state, from, to) == from;
}

/*
 * Claims a slot (entry in the table of open connections) for a new connection. Returns NULL if all probed slots are
 * taken. If a slot still belongs to an earlier connection whose socket had the same address, the programs missed the
 * close of that connection. In this case its slot is claimed, and its entry in the map "live" is deleted.
 */
static __always_inline struct connection_slot *claim_slot(const struct sock *sk, __u64 cookie, __u64 now)
{
#pragma clang loop unroll(disable)
	for (__u32 step = 0; step < SLOTS_PROBED; step++) {
		struct connection_slot *slot = slot_at(sk, step);
		__u32 state;

		if (!slot)
			return NULL;
		state = slot->state;
		if (state != SLOT_FREE && state != SLOT_CLOSED && slot->socket != (__u64)sk)
			continue;
		if (state == SLOT_CLAIMED || !change_slot_state(slot, state, SLOT_CLAIMED))
			continue;
		if (state != SLOT_FREE && state != SLOT_CLOSED && slot->in_live_map)
			bpf_map_delete_elem(&live, &slot->cookie);
		slot->socket = (__u64)sk;
		slot->cookie = cookie;
		slot->start_nanos = now;
		slot->fingerprint = 0;
		slot->pid = 0;
		__builtin_memset(slot->command, 0, sizeof(slot->command));
		slot->in_live_map = 0;
		slot->role = NATATOR_UNKNOWN_ROLE;
		slot->counts_syn = 1;
		return slot;
	}
	return NULL;
}

/*
 * Sets the state of a slot. Only the program that owns the slot is allowed to call it: the one that moved it to CLAIMED
 * or CLOSING.
 */
static __always_inline void set_slot_state(struct connection_slot *slot, __u32 state)
{
	__sync_lock_test_and_set(&slot->state, state);
}

#endif
