package io.natator.topology.query;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an answer lacks for reasons other than unreachable partitions.
 *
 * @param unavailable why no partition of any instance can be read; empty if it is possible that some can be read
 * @param names why names can be missing from the links; empty if all identities are up to date
 */
public record Completeness(Supplier<Optional<String>> unavailable, Supplier<Optional<String>> names) {}
