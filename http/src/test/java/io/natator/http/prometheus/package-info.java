/** A real Prometheus for tests. */
@NullMarked
package io.natator.http.prometheus;

import org.jspecify.annotations.NullMarked;
