/** Names that workloads asked the DNS for: from answers that the kernel side saw to the topic. */
@NullMarked
package io.natator.collector.dns;

import org.jspecify.annotations.NullMarked;
