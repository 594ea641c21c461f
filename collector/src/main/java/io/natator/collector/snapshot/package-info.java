/** Kernel records to connection snapshots, and which of them are worth sending. */
@NullMarked
package io.natator.collector.snapshot;

import org.jspecify.annotations.NullMarked;
