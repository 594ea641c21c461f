/* What the UDP programs and user space share, besides natator.h, whose rules hold here too. */
#ifndef NATATOR_UDP_H
#define NATATOR_UDP_H

#include "natator.h"

/* A socket and one it exchanges datagrams with. Ports in host byte order. */
struct natator_flow_key {
	__u64 cookie;
	struct natator_address local_address;
	struct natator_address remote_address;
	__u16 local_port;
	__u16 remote_port;
	__u32 reserved;
};
_Static_assert(sizeof(struct natator_flow_key) == 48, "natator_flow_key");

/* The record's observed_nanos is the time of the last datagram. All of it under the lock. */
struct natator_flow {
	struct natator_record record;
	struct bpf_spin_lock lock;
	/* Handed over: what comes now belongs to a new flow. */
	__u32 ended;
};

#endif
