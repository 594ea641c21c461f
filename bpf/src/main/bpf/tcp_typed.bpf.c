/*
 * The programs of tcp.bpf.c for kernels with bpf_rdonly_cast() (6.2). With this function they read the socket of an
 * open connection six times as fast as with bpf_probe_read_kernel(). They are a separate object: if an object uses a
 * function that the kernel lacks, libbpf searches all kernel modules for the function, and this needs CAP_SYS_ADMIN.
 */
#define NATATOR_TYPED
#include "tcp.bpf.c"
