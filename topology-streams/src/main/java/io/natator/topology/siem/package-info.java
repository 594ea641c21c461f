/**
 * Publishes activity events for security tools (SIEM). The events are the opening, end, failure and traffic of single
 * connections, as JSON in the format OCSF or ECS.
 */
@NullMarked
package io.natator.topology.siem;

import org.jspecify.annotations.NullMarked;
