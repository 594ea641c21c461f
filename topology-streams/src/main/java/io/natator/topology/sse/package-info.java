/** Server-sent events at {@code /api/events} when links of the whole cluster are added, changed or retired. */
@NullMarked
package io.natator.topology.sse;

import org.jspecify.annotations.NullMarked;
