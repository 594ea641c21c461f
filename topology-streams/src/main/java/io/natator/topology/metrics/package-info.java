/**
 * Prometheus metrics: those of links, which are read from the state stores at each scrape, and those of the application
 * itself.
 */
@NullMarked
package io.natator.topology.metrics;

import org.jspecify.annotations.NullMarked;
