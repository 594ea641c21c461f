@NullMarked
package io.natator.bench.names;

import org.jspecify.annotations.NullMarked;
