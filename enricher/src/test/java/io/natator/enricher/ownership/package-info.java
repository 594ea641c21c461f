@NullMarked
package io.natator.enricher.ownership;

import org.jspecify.annotations.NullMarked;
