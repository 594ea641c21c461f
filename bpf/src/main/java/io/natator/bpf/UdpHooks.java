package io.natator.bpf;

import java.util.List;

/** The kernel hooks to which the programs that count datagrams are attached. */
public enum UdpHooks {
    /** The programs are attached to kernel functions that only UDP calls (fentry, fexit). No program runs for TCP. */
    FUNCTIONS("udp_fentry"),
    /** The programs are attached to the root cgroup ({@code cgroup_skb}). They run for every packet, also of TCP. */
    CGROUP("udp_cgroup");

    private final String object;

    UdpHooks(String object) {
        this.object = object;
    }

    /** Returns the name of the BPF object, without the processor and the file extension. */
    String object() {
        return object;
    }

    /**
     * Returns the programs in the order in which they must be attached: the program at the return of a function comes
     * before the program at its entry. In the other order, a datagram that is stored at the entry before the program at
     * the return is attached would never be counted.
     */
    List<String> programs() {
        return switch (this) {
            case FUNCTIONS ->
                List.of(
                        "udp_sent_one",
                        "udp_sent_two",
                        "udp6_sent_one",
                        "udp6_sent_two",
                        "udp_received_one",
                        "udp_received_two",
                        "udp_send_one",
                        "udp_send_two",
                        "udp6_send_one",
                        "udp6_send_two",
                        "udp_receive_one",
                        "udp_receive_two");
            case CGROUP -> List.of("udp_egress", "udp_ingress");
        };
    }
}
