/** Activity events for security tools (SIEM): what single connections did, as JSON in OCSF or ECS. */
@NullMarked
package io.natator.topology.siem;

import org.jspecify.annotations.NullMarked;
