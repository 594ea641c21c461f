/** The query API at {@code /api/links} and {@code /api/graph}, which returns the links of all instances as JSON. */
@NullMarked
package io.natator.topology.query;

import org.jspecify.annotations.NullMarked;
