/**
 * Benchmarks of the enricher with a real control plane: whether every name is right while the cluster changes and fails, and
 * the requests that it sends to the API server.
 */
@NullMarked
package io.natator.bench.names;

import org.jspecify.annotations.NullMarked;
