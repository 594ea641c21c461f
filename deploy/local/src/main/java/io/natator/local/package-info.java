/** The whole pipeline on one machine, with an embedded Kafka broker. */
@NullMarked
package io.natator.local;

import org.jspecify.annotations.NullMarked;
