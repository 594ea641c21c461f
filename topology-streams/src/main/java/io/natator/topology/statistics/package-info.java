/** Counters about the operation of the application, and enums of reasons. Some counters have a reason as a label. */
@NullMarked
package io.natator.topology.statistics;

import org.jspecify.annotations.NullMarked;
