/** Counters about the operation of the application, and the enums of reasons that are labels of some counters. */
@NullMarked
package io.natator.topology.statistics;

import org.jspecify.annotations.NullMarked;
