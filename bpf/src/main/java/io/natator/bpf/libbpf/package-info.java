/**
 * The system's libbpf through the foreign function interface, in three steps that the types keep apart:
 * {@link io.natator.bpf.libbpf.BpfSpec} is a parsed object, {@link io.natator.bpf.libbpf.BpfObject} one in the kernel,
 * {@link io.natator.bpf.libbpf.BpfLink} an attached program of it.
 */
@NullMarked
package io.natator.bpf.libbpf;

import org.jspecify.annotations.NullMarked;
