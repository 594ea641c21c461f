package io.natator.enricher.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A request to the API server failed. The message is one line for a person. */
final class ApiException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int HTTP_TOO_MANY_REQUESTS = 429;

    /** What kind of failure it is, which decides who has to do something about it. */
    enum Cause {
        /** The API server gave no answer: connection, TLS, timeout, or an answer that broke off. */
        UNREACHABLE,
        /** 401: the credentials are not accepted. */
        UNAUTHORIZED,
        /** 403: the right is not granted. */
        FORBIDDEN,
        /** 404: the API server does not serve the resource. */
        NOT_SERVED,
        /** 410: the resource version is too old to resume from. */
        GONE,
        /** Any other 4xx: the request itself is wrong. */
        WRONG_REQUEST,
        /** 429 and 5xx: the API server cannot answer now. */
        UNAVAILABLE,
        /** The answer is no JSON, or not of the expected form. */
        UNREADABLE
    }

    private final Cause kind;
    private final Duration retryAfter;

    ApiException(Cause kind, String message, @Nullable Throwable cause) {
        this(kind, message, Duration.ZERO, cause);
    }

    private ApiException(Cause kind, String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    static ApiException unreachable(Throwable thrown) {
        String reason = thrown.getClass().getSimpleName();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (cause instanceof ConnectException && message == null) {
                reason = "cannot connect"; // what the JDK's client says of a refused connection
                break;
            }
            Throwable below = cause.getCause();
            if (message != null && !message.isEmpty() && (below == null || !message.equals(below.toString()))) {
                reason = firstLine(message);
            }
        }
        return new ApiException(Cause.UNREACHABLE, reason, thrown);
    }

    static ApiException unreadable(JacksonException thrown) {
        // A stream that ends too early is a broken connection, not a wrong answer.
        return thrown.getCause() instanceof IOException broken
                ? unreachable(broken)
                : new ApiException(Cause.UNREADABLE, firstLine(String.valueOf(thrown.getOriginalMessage())), thrown);
    }

    /**
     * The failure that an answer states.
     *
     * @param status a {@code Status} as JSON; what is absent reads as empty
     */
    static ApiException answered(int code, Map<?, ?> status, String otherwise) {
        String message = Fields.text(status, "message");
        String text = message.isEmpty() ? firstLine(otherwise) : firstLine(message);
        int seconds = Fields.object(status, "details").get("retryAfterSeconds") instanceof Integer number ? number : 0;
        return new ApiException(
                kindOf(code),
                text.isEmpty() ? "HTTP status " + code : text + " (HTTP status " + code + ")",
                Duration.ofSeconds(seconds),
                null);
    }

    private static Cause kindOf(int code) {
        return switch (code) {
            case HttpURLConnection.HTTP_UNAUTHORIZED -> Cause.UNAUTHORIZED;
            case HttpURLConnection.HTTP_FORBIDDEN -> Cause.FORBIDDEN;
            case HttpURLConnection.HTTP_NOT_FOUND -> Cause.NOT_SERVED;
            case HttpURLConnection.HTTP_GONE -> Cause.GONE;
            case HttpURLConnection.HTTP_CLIENT_TIMEOUT, HTTP_TOO_MANY_REQUESTS -> Cause.UNAVAILABLE;
            default ->
                code >= HttpURLConnection.HTTP_BAD_REQUEST && code < HttpURLConnection.HTTP_INTERNAL_ERROR
                        ? Cause.WRONG_REQUEST
                        : Cause.UNAVAILABLE;
        };
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("").strip();
    }

    Cause kind() {
        return kind;
    }

    /** True if asking again does not help before somebody changes something in the cluster. */
    boolean isRefusal() {
        return kind == Cause.FORBIDDEN || kind == Cause.NOT_SERVED;
    }

    /** How long the API server asks to wait; zero if it does not say. */
    Duration retryAfter() {
        return retryAfter;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
