/**
 * Publishes activity events for security tools (SIEM). An event says that a single connection was opened, ended, failed
 * or had traffic. Events are JSON in the format OCSF or ECS.
 */
@NullMarked
package io.natator.topology.siem;

import org.jspecify.annotations.NullMarked;
