/** The Kafka Streams application, which turns connection snapshots and identities into links and publishes them. */
@NullMarked
package io.natator.topology;

import org.jspecify.annotations.NullMarked;
