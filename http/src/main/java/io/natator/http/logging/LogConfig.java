package io.natator.http.logging;

import org.slf4j.event.Level;

/**
 * Level and format of a service's log.
 *
 * @param level the least severe level that is logged
 * @param format text or JSON
 */
public record LogConfig(Level level, LogFormat format) {}
