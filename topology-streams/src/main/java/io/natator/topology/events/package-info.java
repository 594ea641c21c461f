/** What leaves as server-sent events: links that come, change and go, as the topic of links tells of all instances. */
@NullMarked
package io.natator.topology.events;

import org.jspecify.annotations.NullMarked;
