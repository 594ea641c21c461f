/** Names that workloads look up: from the DNS answers that the kernel side copies to the topic {@code dns-names}. */
@NullMarked
package io.natator.collector.dns;

import org.jspecify.annotations.NullMarked;
