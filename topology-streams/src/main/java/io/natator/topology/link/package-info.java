/** Growth of links, aggregated to totals and windows. */
@NullMarked
package io.natator.topology.link;

import org.jspecify.annotations.NullMarked;
