/** Prometheus metrics: series of links, read from the state stores at each scrape, and the application's own meters. */
@NullMarked
package io.natator.topology.metrics;

import org.jspecify.annotations.NullMarked;
