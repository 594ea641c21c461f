/** Options and configuration for Kafka and the schema registry. */
@NullMarked
package io.natator.http.kafka;

import org.jspecify.annotations.NullMarked;
