/**
 * Reads the names that workloads look up from copied DNS answers, and publishes them in the topic {@code dns-names}.
 */
@NullMarked
package io.natator.collector.dns;

import org.jspecify.annotations.NullMarked;
