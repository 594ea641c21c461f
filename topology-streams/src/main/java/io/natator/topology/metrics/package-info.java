/** Prometheus metrics: links, which are read from the state stores at each scrape, and meters of the application. */
@NullMarked
package io.natator.topology.metrics;

import org.jspecify.annotations.NullMarked;
