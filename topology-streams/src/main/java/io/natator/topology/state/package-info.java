/** What the processors share: the clock of a partition, stores and their caches, the hook before commits, counters. */
@NullMarked
package io.natator.topology.state;

import org.jspecify.annotations.NullMarked;
