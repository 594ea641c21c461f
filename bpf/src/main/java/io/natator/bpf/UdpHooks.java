package io.natator.bpf;

import java.util.List;

/** Where the programs that count datagrams are attached. */
public enum UdpHooks {
    /** To kernel functions that only UDP calls (fentry, fexit). No program runs for TCP. */
    FUNCTIONS("udp_fentry"),
    /** To the root cgroup ({@code cgroup_skb}): the programs run for every packet of every socket, TCP's too. */
    CGROUP("udp_cgroup");

    private final String object;

    UdpHooks(String object) {
        this.object = object;
    }

    /** Name of the BPF object, without processor and ending. */
    String object() {
        return object;
    }

    /** Its programs, in the order in which they are attached: the program at a return before the one at the entry. */
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
