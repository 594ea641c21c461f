/**
 * Serves {@code /api/events}: server-sent events when links of the whole cluster are added, changed or retired
 * (removed).
 */
@NullMarked
package io.natator.topology.sse;

import org.jspecify.annotations.NullMarked;
