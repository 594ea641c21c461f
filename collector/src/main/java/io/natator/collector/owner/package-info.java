/** The owner of a socket: resolves cgroup and process to container and pod. */
@NullMarked
package io.natator.collector.owner;

import org.jspecify.annotations.NullMarked;
