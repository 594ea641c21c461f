/** A real Kafka broker for tests. */
@NullMarked
package io.natator.schemas.broker;

import org.jspecify.annotations.NullMarked;
