package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import org.apache.kafka.common.utils.Bytes;

/**
 * Growth of a link.
 *
 * @param link the encoded link key
 */
record LinkGrowth(Bytes link, LinkDelta delta) {}
