@NullMarked
package io.natator.enricher.cluster;

import org.jspecify.annotations.NullMarked;
