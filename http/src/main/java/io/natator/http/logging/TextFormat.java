package io.natator.http.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/** Formats a log event as a line: time, level, message, key-values, logger. A stack trace follows on further lines. */
final class TextFormat {
    private TextFormat() {}

    static String line(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(256);
        EventTime.append(event.getTimeStamp(), line);
        String level = event.getLevel().toString();
        line.append(' ').append(level).repeat(' ', Math.max(0, 5 - level.length()));
        line.append(' ').append(event.getFormattedMessage());
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> line.append(' ')
                    .append(pair.key)
                    .append("=\"")
                    .append(pair.value)
                    .append('"'));
        }
        String logger = event.getLoggerName();
        line.append(" [")
                .append(logger, logger.lastIndexOf('.') + 1, logger.length())
                .append("]\n");
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.append(ThrowableProxyUtil.asString(thrown));
        }
        return line.toString();
    }
}
