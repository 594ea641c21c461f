/** Excludes connections according to the operator's filter options. */
@NullMarked
package io.natator.collector.filter;

import org.jspecify.annotations.NullMarked;
