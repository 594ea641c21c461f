/** Caches that have a maximum number of entries. */
@NullMarked
package io.natator.collector.cache;

import org.jspecify.annotations.NullMarked;
