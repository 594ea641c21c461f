/**
 * Names both ends of a connection after the pod, node, Service or process that had the end while the connection was
 * open.
 */
@NullMarked
package io.natator.topology.identity;

import org.jspecify.annotations.NullMarked;
