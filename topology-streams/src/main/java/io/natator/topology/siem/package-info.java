/** Connection events for security tools: what single connections do, as JSON in OCSF or ECS. */
@NullMarked
package io.natator.topology.siem;

import org.jspecify.annotations.NullMarked;
