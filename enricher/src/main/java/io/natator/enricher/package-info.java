/** Kubernetes API to Kafka: who owned which address, when. */
@NullMarked
package io.natator.enricher;

import org.jspecify.annotations.NullMarked;
