/** Certificates for tests. */
@NullMarked
package io.natator.http.pki;

import org.jspecify.annotations.NullMarked;
