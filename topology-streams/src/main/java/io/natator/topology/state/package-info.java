/** What all processors use: the clock of a partition, state stores and their caches, and the hook before commits. */
@NullMarked
package io.natator.topology.state;

import org.jspecify.annotations.NullMarked;
