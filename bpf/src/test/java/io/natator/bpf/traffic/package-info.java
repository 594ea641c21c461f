/** Known traffic for tests: network namespaces, processes in them that talk TCP, and what they counted. */
@NullMarked
package io.natator.bpf.traffic;

import org.jspecify.annotations.NullMarked;
