/** Server-sent events at {@code /api/events}: links of the whole cluster that are added, changed and retired. */
@NullMarked
package io.natator.topology.sse;

import org.jspecify.annotations.NullMarked;
