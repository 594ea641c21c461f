/** From the kernel's hands into Kafka's, without loss. */
@NullMarked
package io.natator.collector.handover;

import org.jspecify.annotations.NullMarked;
