/*
 * Refreshes the live counters, which are the counters of open connections. User space runs an iterator program, which
 * visits every slot (entry in the table of open connections) and copies the counters of every established connection
 * into the map "live". The program also frees the slots of connections whose close the programs missed.
 */
#ifndef NATATOR_TCP_LIVE_REFRESH_BPF_H
#define NATATOR_TCP_LIVE_REFRESH_BPF_H

#include "tcp_record.bpf.h"
#include "tcp_role_and_fingerprint.bpf.h"
#include "tcp_slots.bpf.h"

/*
 * Number of slots that one run of the iterator program visits; SlotTable.java has the same number. The verifier follows
 * every iteration of a loop, so the loop must be short. Calling the program costs about as much as checking 20 slots.
 */
#define SLOTS_PER_RUN 64

/*
 * The iterator runs the program once for each element of this map. The loader therefore sets the number of elements to
 * the number of runs that the whole table needs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (1 << 17) / SLOTS_PER_RUN);
	__type(key, __u32);
	__type(value, __u32);
} parts SEC(".maps");

/*
 * Copies the counters of the connection in a slot (table entry) into the map "live". It takes no lock, so another
 * connection can take over the socket or the slot at any moment. The counters are used only if the socket still has the
 * same cookie after they were read. A close that runs at the same time changes the slot's state before it reads
 * in_live_map, so either the close or this function deletes the entry in the map "live".
 */
static __always_inline void refresh_live_counters(struct connection_slot *slot, struct connection_slot *connection,
						  struct sock *sk, struct tcp_sock *tcp, bool probed)
{
	struct natator_record record = {.event = NATATOR_LIVE};
	struct tcp_reading reading;
	struct tcp_payload payload;
	bool coherent = read_tcp_unlocked(tcp, sk, &reading, probed);

	/*
	 * The kernel changes the socket's state only after the state programs have run. So if the socket is closed but
	 * the connection's slot (table entry) is not, the programs have missed the close.
	 */
	if (reading.state == TCP_CLOSE ||
	    FIELD(probed, sk, __sk_common.skc_cookie.counter) != (__s64)connection->cookie) {
		if (slot->cookie == connection->cookie && change_slot_state(slot, connection->state, SLOT_CLOSED) &&
		    connection->in_live_map)
			bpf_map_delete_elem(&live, &connection->cookie);
		return;
	}
	if (connection->state != SLOT_ESTABLISHED)
		return;
	if (coherent)
		infer_role_and_fingerprint(connection, &reading, sk, tcp, probed);
	payload_of(&reading, connection->counts_syn, coherent, &payload);
	fill_counters(&record, &payload, tcp, probed);
	if (!fill_identity(&record, connection, sk, tcp, bpf_ktime_get_boot_ns(), probed) ||
	    FIELD(probed, sk, __sk_common.skc_cookie.counter) != (__s64)connection->cookie)
		return;
	if (bpf_map_update_elem(&live, &connection->cookie, &record, BPF_ANY)) {
		count(NATATOR_STATISTIC_LIVE_SKIPPED);
		return;
	}
	__sync_lock_test_and_set(&slot->in_live_map, 1);
	if (slot->state != SLOT_ESTABLISHED || slot->cookie != connection->cookie)
		bpf_map_delete_elem(&live, &connection->cookie);
}

/*
 * Refreshes the counters of the connection in one slot (table entry). Not static: the verifier checks a global function
 * once, but checks a static function again in every iteration of the loop that calls it. bpf_loop() would solve this
 * too, but needs Linux 5.17.
 */
__noinline int refresh_slot(__u32 index)
{
	struct connection_slot *slot = bpf_map_lookup_elem(&connections, &index), connection;
	struct tcp_sock *tcp;

	if (!slot || (slot->state != SLOT_ESTABLISHED && slot->state != SLOT_CONNECTING))
		return 0;
	connection = *slot;
#ifdef NATATOR_TYPED
	tcp = bpf_rdonly_cast((void *)connection.socket, bpf_core_type_id_kernel(struct tcp_sock));
	refresh_live_counters(slot, &connection, &tcp->inet_conn.icsk_inet.sk, tcp, false);
#else
	tcp = (struct tcp_sock *)connection.socket;
	refresh_live_counters(slot, &connection, (struct sock *)tcp, tcp, true);
#endif
	return 0;
}

#endif
