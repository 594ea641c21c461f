/* The layout of what only the UDP programs share with user space. The rules of record_layout.h apply here too. */
#ifndef NATATOR_UDP_RECORD_LAYOUT_H
#define NATATOR_UDP_RECORD_LAYOUT_H

#include "record_layout.h"

/*
 * Identifies a flow: a socket with a local address and port, and a remote address and port. Ports are in host byte
 * order.
 */
struct natator_flow_key {
	__u64 cookie;
	struct natator_address local_address;
	struct natator_address remote_address;
	__u16 local_port;
	__u16 remote_port;
	__u32 reserved;
};
_Static_assert(sizeof(struct natator_flow_key) == 48, "natator_flow_key");

/*
 * A flow in the map "flows". The programs read and write it under its lock. observed_nanos of its record is the time of
 * the last datagram.
 */
struct natator_flow {
	struct natator_record record;
	struct bpf_spin_lock lock;
	/*
	 * 1 if the end of the flow has been reported, otherwise 0. After that, a datagram does not belong to this flow.
	 */
	__u32 ended;
};

/*
 * Maximum bytes copied of an answer. It is the usual maximum size of DNS answers over UDP (DNS flag day 2020): the
 * minimum MTU of IPv6 without the headers.
 */
#define NATATOR_ANSWER_BYTES 1232

/* A DNS answer: a datagram from port 53 to a socket that had sent a datagram to the same address and port before. */
struct natator_answer {
	__u64 observed_nanos;
	/* length: bytes of the datagram's payload. copied: how many of these bytes are in the member payload. */
	__u32 length;
	__u32 copied;
	__u8 payload[NATATOR_ANSWER_BYTES];
};
_Static_assert(sizeof(struct natator_answer) == 1248, "natator_answer");

/* The indexes of the per-CPU array "answer_statistics", in which the programs count DNS answers. */
enum natator_answer_statistic {
	NATATOR_ANSWERS_COPIED = 0,
	NATATOR_ANSWERS_TRUNCATED = 1,
	NATATOR_ANSWERS_DROPPED = 2,
	NATATOR_ANSWER_STATISTICS = 3,
};

#endif
