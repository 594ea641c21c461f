/** Finds the container and the pod that own a socket, from the socket's cgroup or process. */
@NullMarked
package io.natator.collector.owner;

import org.jspecify.annotations.NullMarked;
