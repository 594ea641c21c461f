/** What the collector costs the machine it watches. */
@NullMarked
package io.natator.bench;

import org.jspecify.annotations.NullMarked;
