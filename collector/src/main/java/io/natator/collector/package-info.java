/** The node agent: kernel records to Kafka, with loss-free hand-over. */
@NullMarked
package io.natator.collector;

import org.jspecify.annotations.NullMarked;
