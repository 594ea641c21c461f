/** The Kafka side: reading back what was written, and writing as the only one. */
@NullMarked
package io.natator.enricher.publish;

import org.jspecify.annotations.NullMarked;
