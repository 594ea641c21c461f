/**
 * Benchmarks of topology-streams: its CPU time per snapshot, compared with minimal programs, and the time of a scrape.
 */
@NullMarked
package io.natator.bench.topology;

import org.jspecify.annotations.NullMarked;
