package io.natator.topology.activity;

import io.natator.topology.identity.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, as its own node saw it.
 *
 * @param pid process id on its node, 0 where unknown
 * @param containerId null outside a container
 */
public record Party(Endpoint endpoint, int pid, @Nullable String containerId) {}
