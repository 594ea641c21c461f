/** Whose socket it is: cgroup and process to container and pod. */
@NullMarked
package io.natator.collector.owner;

import org.jspecify.annotations.NullMarked;
