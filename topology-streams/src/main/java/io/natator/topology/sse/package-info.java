/** What leaves as server-sent events: links that come, change and go, as the topic of links tells of all instances. */
@NullMarked
package io.natator.topology.sse;

import org.jspecify.annotations.NullMarked;
