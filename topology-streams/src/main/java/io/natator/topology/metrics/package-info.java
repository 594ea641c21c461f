/** What leaves for Prometheus: link series read from the state stores at scrape time, and the application's own meters. */
@NullMarked
package io.natator.topology.metrics;

import org.jspecify.annotations.NullMarked;
