/** How a service reaches Kafka and the schema registry: options and what follows from them. */
@NullMarked
package io.natator.http.kafka;

import org.jspecify.annotations.NullMarked;
