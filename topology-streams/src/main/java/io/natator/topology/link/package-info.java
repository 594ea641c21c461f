/** Adds up the growth of links to totals and windows, and decides which links have their own series. */
@NullMarked
package io.natator.topology.link;

import org.jspecify.annotations.NullMarked;
