/** Which connections the operator excludes. */
@NullMarked
package io.natator.collector.filter;

import org.jspecify.annotations.NullMarked;
