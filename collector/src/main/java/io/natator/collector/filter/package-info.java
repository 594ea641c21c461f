/** What an operator keeps off the topic. */
@NullMarked
package io.natator.collector.filter;

import org.jspecify.annotations.NullMarked;
