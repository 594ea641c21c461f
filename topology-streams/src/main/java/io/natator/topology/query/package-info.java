/** The HTTP side: metrics, health, readiness, the JSON API. */
@NullMarked
package io.natator.topology.query;

import org.jspecify.annotations.NullMarked;
