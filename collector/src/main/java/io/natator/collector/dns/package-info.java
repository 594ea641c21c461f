/**
 * Reads the names that workloads look up from DNS answers that the kernel side has copied, and publishes them in the
 * topic {@code dns-names}.
 */
@NullMarked
package io.natator.collector.dns;

import org.jspecify.annotations.NullMarked;
