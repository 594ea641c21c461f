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

/* The least that every IPv6 path carries, less the headers: what DNS servers keep their answers below (DNS flag day 2020). */
#define NATATOR_ANSWER_BYTES 1232

/* What came from port 53 to a socket that had asked there. */
struct natator_answer {
	__u64 observed_nanos;
	/* Payload of the datagram, and how much of it is here. */
	__u32 length;
	__u32 copied;
	__u8 payload[NATATOR_ANSWER_BYTES];
};
_Static_assert(sizeof(struct natator_answer) == 1248, "natator_answer");

/* Slots of the per-CPU array of counters of answers. */
enum natator_answer_statistic {
	NATATOR_ANSWERS_COPIED = 0,
	NATATOR_ANSWERS_TRUNCATED = 1,
	NATATOR_ANSWERS_DROPPED = 2,
	NATATOR_ANSWER_STATISTICS = 3,
};

#endif
