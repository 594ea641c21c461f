package io.natator.http.logging;

/** How a log event is written. */
public enum LogFormat {
    /** A line for people. A stack trace follows on further lines. */
    TEXT,
    /** A JSON object on one line, which contains the stack trace too. */
    JSON
}
