/** Forwards events (opens and closes) from the kernel to Kafka without loss. */
@NullMarked
package io.natator.collector.handover;

import org.jspecify.annotations.NullMarked;
