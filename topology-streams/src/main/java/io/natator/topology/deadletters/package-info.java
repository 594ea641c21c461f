/** Records that cannot be processed: the topic {@code dead-letters} gets each of them with the reason. */
@NullMarked
package io.natator.topology.deadletters;

import org.jspecify.annotations.NullMarked;
