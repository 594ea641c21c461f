/** What {@code schemas/README.md} tells consumers to do, done. */
@NullMarked
package io.natator.consumers;

import org.jspecify.annotations.NullMarked;
