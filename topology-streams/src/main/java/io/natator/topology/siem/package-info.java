/**
 * Activity events for security tools (SIEM): opens, closes, failures and traffic of single connections, as JSON in OCSF
 * or ECS.
 */
@NullMarked
package io.natator.topology.siem;

import org.jspecify.annotations.NullMarked;
