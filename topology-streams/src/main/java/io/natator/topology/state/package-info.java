/**
 * Classes that all processors of the topology use: the clock of a partition, caches of state stores, and a hook that
 * runs before each commit.
 */
@NullMarked
package io.natator.topology.state;

import org.jspecify.annotations.NullMarked;
