/** The Kafka Streams application. It computes links from connection snapshots and identities, and publishes them. */
@NullMarked
package io.natator.topology;

import org.jspecify.annotations.NullMarked;
