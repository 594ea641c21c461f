/** How a service logs: to standard error, as text or JSON, with the same levels in all services. */
@NullMarked
package io.natator.http.logging;

import org.jspecify.annotations.NullMarked;
