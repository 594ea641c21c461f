/*
 * Keeps the second copy of the state program from handling an event that the first copy has handled.
 *
 * The state program is attached twice (tcp.bpf.c). Each CPU stores the last two events that its first copy handled; the
 * second copy skips an event that it finds there. The state of a connection's slot is not enough, since not every
 * connection has a slot, and a close that was folded must not be folded again.
 */
#ifndef NATATOR_TCP_EVENT_DEDUP_BPF_H
#define NATATOR_TCP_EVENT_DEDUP_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/*
 * A socket's change to a state. The same change of the same socket can come again, but only after another change of that
 * socket. Cookie 0: no event.
 */
struct event {
	__u64 cookie;
	__u64 state;
};

/*
 * Two events are enough. Between the two copies there is at most one level of interruption: tracepoints run with preemption
 * off, and softirqs do not interrupt each other. A softirq that runs between the two copies removes its own event before it
 * returns. A softirq that interrupts the second copy cannot remove its event, since the kernel skips the second copy in it;
 * that event stays as the older one until the next event replaces it.
 */
struct handled {
	struct event last;
	struct event before;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct handled);
} handled SEC(".maps");

static __always_inline struct handled *handled_on_this_cpu(void)
{
	__u32 index = 0;

	return bpf_map_lookup_elem(&handled, &index);
}

static __always_inline void add_handled(struct handled *events, __u64 cookie, __u64 state)
{
	if (events->last.cookie)
		events->before = events->last;
	events->last.state = state;
	events->last.cookie = cookie;
}

static __always_inline bool remove_if_same(struct event *event, __u64 cookie, __u64 state)
{
	if (event->cookie != cookie || event->state != state)
		return false;
	event->cookie = 0;
	return true;
}

/* Whether the first copy has handled the event. Removes it: a second call returns false. */
static __always_inline bool remove_handled(struct handled *events, struct sock *sk, __u64 state)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie &&
	       (remove_if_same(&events->last, cookie, state) || remove_if_same(&events->before, cookie, state));
}

#endif
