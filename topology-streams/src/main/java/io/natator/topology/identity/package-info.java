/**
 * Determines which pod, node, Service or process was at each end of a connection while the connection was open, and
 * names the end after it.
 */
@NullMarked
package io.natator.topology.identity;

import org.jspecify.annotations.NullMarked;
