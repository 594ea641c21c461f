/** Runs the examples of {@code schemas/README.md}. */
@NullMarked
package io.natator.consumers;

import org.jspecify.annotations.NullMarked;
