/** Benchmarks of topology-streams: the CPU time per snapshot compared with the minimum, and the time of a scrape. */
@NullMarked
package io.natator.bench.topology;

import org.jspecify.annotations.NullMarked;
