/** The kernel side: libbpf through FFM, Natator's BPF object, and its records. */
@NullMarked
package io.natator.bpf;

import org.jspecify.annotations.NullMarked;
