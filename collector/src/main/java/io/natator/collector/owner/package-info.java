/** Finds the owner of a socket: the container and the pod of its cgroup or process. */
@NullMarked
package io.natator.collector.owner;

import org.jspecify.annotations.NullMarked;
