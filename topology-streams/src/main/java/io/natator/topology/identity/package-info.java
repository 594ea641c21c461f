/**
 * Names the ends of a connection after the pods, nodes, Services or processes that had these ends while it was open.
 */
@NullMarked
package io.natator.topology.identity;

import org.jspecify.annotations.NullMarked;
