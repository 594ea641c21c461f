package io.natator.topology.siem;

import io.natator.topology.identity.ConnectionEnd;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, as its own node saw it.
 *
 * @param pid process id on its node, 0 where unknown
 * @param containerId null outside a container
 */
public record Party(
        ConnectionEnd endpoint, int pid, @Nullable String containerId) {}
