/**
 * The enricher on a real control plane: whether every name is right while everything changes and fails, and what it costs
 * the API server.
 */
@NullMarked
package io.natator.bench.names;

import org.jspecify.annotations.NullMarked;
