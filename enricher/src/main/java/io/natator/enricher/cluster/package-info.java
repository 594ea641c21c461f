/** The Kubernetes side: connecting, watching, distilling what is watched, looking up owners, leading. */
@NullMarked
package io.natator.enricher.cluster;

import org.jspecify.annotations.NullMarked;
