/** The Kafka side: reads the topic back, and writes to it as the only writer. */
@NullMarked
package io.natator.enricher.publish;

import org.jspecify.annotations.NullMarked;
