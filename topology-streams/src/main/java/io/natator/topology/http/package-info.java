/** The HTTP side: metrics, health, readiness, the JSON API. */
@NullMarked
package io.natator.topology.http;

import org.jspecify.annotations.NullMarked;
