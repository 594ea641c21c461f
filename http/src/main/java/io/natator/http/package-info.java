/** The HTTP server of a service, with optional TLS and authentication. It is safe to open in a browser. */
@NullMarked
package io.natator.http;

import org.jspecify.annotations.NullMarked;
