/** Turns kernel records into connection snapshots, and decides which ones are sent. */
@NullMarked
package io.natator.collector.snapshot;

import org.jspecify.annotations.NullMarked;
