/*
 * The layout of everything that the programs and user space share: records, keys of maps, indexes of statistics.
 * Members have fixed widths, no implicit padding, and host byte order unless a comment says otherwise. If you change a
 * layout here, or the layout of another pinned map, increment NATATOR_LAYOUT_VERSION: each version pins its maps in a
 * separate directory.
 */
#ifndef NATATOR_RECORD_LAYOUT_H
#define NATATOR_RECORD_LAYOUT_H

#define NATATOR_LAYOUT_VERSION 4
#define NATATOR_COMMAND_LENGTH 16

enum natator_event {
	NATATOR_OPENED = 0,
	NATATOR_LIVE = 1,
	NATATOR_CLOSED = 2,
	NATATOR_FAILED = 3,
};

enum natator_role {
	NATATOR_UNKNOWN_ROLE = 0,
	NATATOR_CLIENT = 1,
	NATATOR_SERVER = 2,
};

enum natator_close_reason {
	NATATOR_REASON_UNKNOWN = 0,
	NATATOR_REASON_NONE = 1,
	NATATOR_REASON_FIN = 2,
	NATATOR_REASON_RESET = 3,
	NATATOR_REASON_REFUSED = 4,
	NATATOR_REASON_TIMEOUT = 5,
	NATATOR_REASON_UNREACHABLE = 6,
	NATATOR_REASON_ABORTED = 7,
	NATATOR_REASON_IDLE = 8,
};

/* An IPv6 address, or an IPv4-mapped IPv6 address; network byte order. */
struct natator_address {
	__u32 words[4];
};

/*
 * Describes one end of a connection. This struct is the record in the ring buffer. It is also the value in the map
 * "live" (counters of open connections) and in the maps "spill" and "spill_seen" (closes for which the ring buffer was
 * full).
 */
struct natator_record {
	__u64 cookie;
	__u64 start_nanos;
	__u64 observed_nanos;
	__u64 fingerprint;
	__u64 cgroup_id;
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	struct natator_address local_address;
	struct natator_address remote_address;
	__u32 network_namespace;
	__u32 pid;
	__u32 segments_sent;
	__u32 segments_received;
	__u32 retransmits;
	__u32 smoothed_rtt_micros;
	__u32 min_rtt_micros;
	__u16 local_port;
	__u16 remote_port;
	__u8 command[NATATOR_COMMAND_LENGTH];
	__u8 event;
	__u8 protocol;
	__u8 role;
	__u8 close_reason;
	__u32 reserved;
};
_Static_assert(sizeof(struct natator_record) == 152, "natator_record");

/*
 * Identifies a connection. The socket's cookie alone does not suffice: a socket can carry several connections, one
 * after the other.
 */
struct natator_spill_key {
	__u64 cookie;
	__u64 start_nanos;
};
_Static_assert(sizeof(struct natator_spill_key) == 16, "natator_spill_key");

struct natator_fold_key {
	__u64 cgroup_id;
	struct natator_address local_address;
	struct natator_address remote_address;
	__u32 network_namespace;
	__u16 server_port;
	__u8 role;
	__u8 protocol;
};
_Static_assert(sizeof(struct natator_fold_key) == 48, "natator_fold_key");

/*
 * Sums of the connections (UDP: datagrams) of an address pair since start_nanos; they are never reset. A program
 * increments the member connections last, after all others.
 */
struct natator_fold_value {
	__u64 start_nanos;
	__u64 observed_nanos;
	__u64 bytes_sent;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u64 segments_sent;
	__u64 segments_received;
	__u64 retransmits;
	__u64 connections;
	__u32 pid;
	/* 1 if not all connections are known to have the same process. Then the process of the sum is unknown. */
	__u32 mixed;
	__u8 command[NATATOR_COMMAND_LENGTH];
};
_Static_assert(sizeof(struct natator_fold_value) == 96, "natator_fold_value");

/* The indexes of the per-CPU array "statistics", in which the programs count their own work. */
enum natator_statistic {
	NATATOR_STATISTIC_OPENED = 0,
	NATATOR_STATISTIC_CLOSED = 1,
	NATATOR_STATISTIC_FAILED = 2,
	NATATOR_STATISTIC_SPILLED = 3,
	NATATOR_STATISTIC_FOLDED = 4,
	NATATOR_STATISTIC_LOST = 5,
	/*
	 * Opens that were not reported, because the ring buffer was half full and the rest is reserved for closes. No
	 * bytes are lost: the close reports all of them.
	 */
	NATATOR_STATISTIC_OPENS_SKIPPED = 6,
	/*
	 * Connections that got no slot (entry in the table of open connections), and readings of live counters for
	 * which the map "live" had no space. The close is exact nevertheless.
	 */
	NATATOR_STATISTIC_LIVE_SKIPPED = 7,
	/* Connections (UDP: datagrams) that the filter excludes. */
	NATATOR_STATISTIC_EXCLUDED = 8,
	/* Listeners that are not stored, because their map is full. The process of their connections is unknown. */
	NATATOR_STATISTIC_LISTENERS_SKIPPED = 9,
	NATATOR_STATISTICS = 10,
};

/* How the filter selects among the values of one kind (ports, for example): all, all but some, or only some. */
enum natator_selection {
	NATATOR_SELECT_ALL = 0,
	NATATOR_SELECT_ALL_BUT = 1,
	NATATOR_SELECT_ONLY = 2,
};

enum natator_verdict {
	NATATOR_INCLUDE = 1,
	NATATOR_EXCLUDE = 2,
};

enum natator_selector_kind {
	NATATOR_SELECT_PORT = 1,
	NATATOR_SELECT_CGROUP = 2,
	NATATOR_SELECT_NETWORK_NAMESPACE = 3,
};

struct natator_selector {
	__u64 value;
	__u32 kind;
	__u32 reserved;
};
_Static_assert(sizeof(struct natator_selector) == 16, "natator_selector");

/*
 * Key of a BPF_MAP_TYPE_LPM_TRIE. IPv4 addresses are IPv4-mapped, so prefix_length of an IPv4 prefix is 96 more than in
 * CIDR notation.
 */
struct natator_network {
	__u32 prefix_length;
	struct natator_address address;
};
_Static_assert(sizeof(struct natator_network) == 20, "natator_network");

#endif
