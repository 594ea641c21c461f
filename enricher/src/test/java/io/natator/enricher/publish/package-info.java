@NullMarked
package io.natator.enricher.publish;

import org.jspecify.annotations.NullMarked;
