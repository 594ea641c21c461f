/** Adds up the growth of links to totals and time windows, and decides which links have their own Prometheus series. */
@NullMarked
package io.natator.topology.link;

import org.jspecify.annotations.NullMarked;
