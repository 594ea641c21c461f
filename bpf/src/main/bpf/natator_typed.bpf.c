/*
 * The same for kernels with bpf_rdonly_cast(), which reads a kept socket six times as fast as probes do. An object of its own:
 * where the function is missing, libbpf looks for it in every module, and that needs CAP_SYS_ADMIN.
 */
#define NATATOR_TYPED
#include "natator.bpf.c"
