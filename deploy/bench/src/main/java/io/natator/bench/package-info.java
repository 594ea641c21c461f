/** Benchmarks of the collector and of the enricher, and classes that all benchmarks share. */
@NullMarked
package io.natator.bench;

import org.jspecify.annotations.NullMarked;
