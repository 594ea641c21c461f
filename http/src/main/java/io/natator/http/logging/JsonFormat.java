package io.natator.http.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.JsonEscapeUtil;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Formats a log event as a JSON object on one line, with the fields {@code time}, {@code level}, {@code message},
 * {@code logger}, {@code thread} and, if there is one, {@code exception}. Each key-value of the event is a further
 * field. If its key is one of the names above, an underscore is appended.
 *
 * <p>Logback's {@code JsonEncoder} is not used, because it writes all key-values as texts in one array, a stack trace as
 * an array of objects, and the time as a number.
 */
final class JsonFormat {
    private static final Set<String> OWN_FIELDS = Set.of("time", "level", "message", "logger", "thread", "exception");

    private JsonFormat() {}

    static String line(ILoggingEvent event) {
        StringBuilder json = new StringBuilder(256).append("{\"time\":\"");
        EventTime.append(event.getTimeStamp(), json);
        json.append('"');
        field("level", event.getLevel(), json);
        field("message", event.getFormattedMessage(), json);
        field("logger", event.getLoggerName(), json);
        field("thread", event.getThreadName(), json);
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> field(OWN_FIELDS.contains(pair.key) ? pair.key + "_" : pair.key, pair.value, json));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            field("exception", ThrowableProxyUtil.asString(thrown), json);
        }
        return json.append("}\n").toString();
    }

    private static void field(String name, @Nullable Object value, StringBuilder json) {
        json.append(',');
        string(name, json);
        json.append(':');
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            json.append(value);
        } else {
            string(String.valueOf(value), json);
        }
    }

    private static void string(String text, StringBuilder json) {
        json.append('"').append(JsonEscapeUtil.jsonEscapeString(text)).append('"');
    }
}
