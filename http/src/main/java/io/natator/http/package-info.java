/** The HTTP server of a service: optionally with TLS and authentication, and safe to open in a browser. */
@NullMarked
package io.natator.http;

import org.jspecify.annotations.NullMarked;
