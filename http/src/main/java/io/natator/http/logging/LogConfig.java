package io.natator.http.logging;

import org.slf4j.event.Level;

/**
 * What a service logs.
 *
 * @param level the least severe level that is logged
 * @param format how events are written
 */
public record LogConfig(Level level, LogFormat format) {}
