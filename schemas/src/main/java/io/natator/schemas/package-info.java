/**
 * All that a consumer of Natator's topics needs: the generated Avro classes, their serdes, and the topics with their
 * settings. Depends on {@code kafka-clients} and {@code avro} alone.
 */
@NullMarked
package io.natator.schemas;

import org.jspecify.annotations.NullMarked;
