package io.natator.http.logging;

/** How a log event is written. */
public enum LogFormat {
    /** A line for people; a stack trace follows on lines of its own. */
    TEXT,
    /** A JSON object on one line, stack trace included. */
    JSON
}
