/** What the processors share: the partition's clock, bounded store memory, dead letters, counts of what happened. */
@NullMarked
package io.natator.topology.state;

import org.jspecify.annotations.NullMarked;
