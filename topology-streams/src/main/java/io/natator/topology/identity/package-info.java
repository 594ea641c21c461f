/** Who a connection's ends are, at the time it was open. */
@NullMarked
package io.natator.topology.identity;

import org.jspecify.annotations.NullMarked;
