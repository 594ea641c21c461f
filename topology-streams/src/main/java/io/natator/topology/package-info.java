/** The Streams application: connections and identities to links, and everything that leaves. */
@NullMarked
package io.natator.topology;

import org.jspecify.annotations.NullMarked;
