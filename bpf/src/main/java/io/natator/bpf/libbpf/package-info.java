/**
 * Calls the system's libbpf through the Foreign Function and Memory API. Each step has its own type:
 * {@link io.natator.bpf.libbpf.BpfSpec} is a parsed BPF object, {@link io.natator.bpf.libbpf.BpfObject} is loaded into
 * the kernel, and {@link io.natator.bpf.libbpf.BpfLink} is an attached program.
 */
@NullMarked
package io.natator.bpf.libbpf;

import org.jspecify.annotations.NullMarked;
