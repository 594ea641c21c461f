/** Configures the logging of all services: to standard error, as text or JSON, with the same levels. */
@NullMarked
package io.natator.http.logging;

import org.jspecify.annotations.NullMarked;
