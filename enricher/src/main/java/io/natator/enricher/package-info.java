/** Watches the Kubernetes API and writes to Kafka who owned which address, and when. */
@NullMarked
package io.natator.enricher;

import org.jspecify.annotations.NullMarked;
