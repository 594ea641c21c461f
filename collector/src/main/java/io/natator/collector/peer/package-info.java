/** Finds the other end of UDP flows, if it is on the same node. */
@NullMarked
package io.natator.collector.peer;

import org.jspecify.annotations.NullMarked;
