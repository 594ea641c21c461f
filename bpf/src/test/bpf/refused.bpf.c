/* A program that the verifier must refuse, because it writes to a socket. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(meddle, struct sock *sk, int old_state, int new_state)
{
	sk->sk_err = 0;
	return 0;
}
