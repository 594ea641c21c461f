/**
 * The HTTP server of a service, with optional TLS and authentication. A user can open it in a browser safely, because
 * pages of other sites cannot read its responses.
 */
@NullMarked
package io.natator.http;

import org.jspecify.annotations.NullMarked;
