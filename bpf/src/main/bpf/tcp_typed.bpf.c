/*
 * tcp.bpf.c for kernels with bpf_rdonly_cast() (6.2): it reads the socket of a slot six times as fast as bpf_probe_read_kernel().
 * An object of its own, since where the function is missing, libbpf searches every kernel module for it, and that needs
 * CAP_SYS_ADMIN.
 */
#define NATATOR_TYPED
#include "tcp.bpf.c"
