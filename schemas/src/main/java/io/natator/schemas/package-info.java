/**
 * The library for consumers of Natator's topics: the generated Avro classes, their serdes, and the topics with their
 * settings. It depends on {@code kafka-clients} and {@code avro} only.
 */
@NullMarked
package io.natator.schemas;

import org.jspecify.annotations.NullMarked;
