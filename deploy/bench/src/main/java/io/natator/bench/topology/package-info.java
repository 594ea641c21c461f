/** What the topology costs per snapshot, beside what cannot cost less. */
@NullMarked
package io.natator.bench.topology;

import org.jspecify.annotations.NullMarked;
