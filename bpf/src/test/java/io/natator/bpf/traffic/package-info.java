/**
 * Traffic for tests: network namespaces, processes in them that use TCP and UDP, and the bytes that the processes
 * count.
 */
@NullMarked
package io.natator.bpf.traffic;

import org.jspecify.annotations.NullMarked;
