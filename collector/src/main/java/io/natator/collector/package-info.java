/** The node agent: reads socket records from the kernel and sends them to Kafka without loss. */
@NullMarked
package io.natator.collector;

import org.jspecify.annotations.NullMarked;
