/** Filters that exclude connections by the operator's options. */
@NullMarked
package io.natator.collector.filter;

import org.jspecify.annotations.NullMarked;
