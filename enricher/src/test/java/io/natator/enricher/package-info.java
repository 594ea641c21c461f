@NullMarked
package io.natator.enricher;

import org.jspecify.annotations.NullMarked;
