/** Sends records that cannot be processed to the topic {@code dead-letters}, with the reason. */
@NullMarked
package io.natator.topology.deadletters;

import org.jspecify.annotations.NullMarked;
