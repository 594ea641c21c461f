/** A real Kubernetes control plane for tests. */
@NullMarked
package io.natator.testcluster;

import org.jspecify.annotations.NullMarked;
