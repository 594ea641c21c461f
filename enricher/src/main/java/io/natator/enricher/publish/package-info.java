/** Reads the {@code identities} topic back from Kafka, and writes to it as the only writer. */
@NullMarked
package io.natator.enricher.publish;

import org.jspecify.annotations.NullMarked;
