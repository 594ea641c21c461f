/** Caches with a bound. */
@NullMarked
package io.natator.collector.cache;

import org.jspecify.annotations.NullMarked;
