package io.natator.bpf;

import java.util.List;

/** Where the kernel side sees datagrams. */
public enum UdpHooks {
    /** On functions of the kernel that only UDP reaches (fentry). TCP is not touched. */
    FUNCTIONS("udp_fentry"),
    /** Where the root cgroup sees packets ({@code cgroup_skb}): every packet of every socket passes, TCP's too. */
    CGROUP("udp_cgroup");

    private final String object;

    UdpHooks(String object) {
        this.object = object;
    }

    /** Name of the BPF object, without processor and ending. */
    String object() {
        return object;
    }

    /** Its programs, in the order in which they are attached: an entry is of no use before its return. */
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
