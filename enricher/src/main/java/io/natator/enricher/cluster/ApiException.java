package io.natator.enricher.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A failed request to the API server. The message is one line for a person. */
final class ApiException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int HTTP_TOO_MANY_REQUESTS = 429;

    /** The kind of failure. It decides whether the enricher retries and what it logs. */
    enum Failure {
        /** No complete response: connecting or TLS failed, the request timed out, or the response ended too early. */
        UNREACHABLE,
        /** 401: the API server does not accept the credentials. */
        UNAUTHORIZED,
        /** 403: the enricher has no right to make the request. */
        FORBIDDEN,
        /** 404: the API server does not serve the resource. */
        NOT_SERVED,
        /** 410: the resource version is too old to resume from. */
        GONE,
        /** Any other 4xx: the request itself is wrong. */
        WRONG_REQUEST,
        /** 429 and 5xx: the API server cannot respond now. */
        UNAVAILABLE,
        /** The response is not JSON, or does not have the expected fields. */
        UNREADABLE
    }

    private final Failure failure;
    private final Duration retryAfter;

    ApiException(Failure failure, String message, @Nullable Throwable cause) {
        this(failure, message, Duration.ZERO, cause);
    }

    private ApiException(Failure failure, String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.failure = failure;
        this.retryAfter = retryAfter;
    }

    static ApiException unreachable(Throwable thrown) {
        String reason = thrown.getClass().getSimpleName();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (cause instanceof ConnectException && message == null) {
                reason = "cannot connect"; // The JDK's client gives no message if a connection is refused.
                break;
            }
            Throwable below = cause.getCause();
            if (message != null && !message.isEmpty() && (below == null || !message.equals(below.toString()))) {
                reason = firstLine(message);
            }
        }
        return new ApiException(Failure.UNREACHABLE, reason, thrown);
    }

    static ApiException unreadable(JacksonException thrown) {
        // A stream that ends too early is a broken connection, not a malformed response.
        return thrown.getCause() instanceof IOException broken
                ? unreachable(broken)
                : new ApiException(Failure.UNREADABLE, firstLine(String.valueOf(thrown.getOriginalMessage())), thrown);
    }

    /**
     * Creates the exception for a response that reports a failure.
     *
     * @param status the {@code Status} object of the response; any field may be absent
     * @param otherwise the message to use if {@code status} has no message
     */
    static ApiException ofResponse(int code, Map<?, ?> status, String otherwise) {
        String message = JsonFields.text(status, "message");
        String text = message.isEmpty() ? firstLine(otherwise) : firstLine(message);
        int seconds =
                JsonFields.object(status, "details").get("retryAfterSeconds") instanceof Integer number ? number : 0;
        return new ApiException(
                failureOf(code),
                text.isEmpty() ? "HTTP status " + code : text + " (HTTP status " + code + ")",
                Duration.ofSeconds(seconds),
                null);
    }

    private static Failure failureOf(int code) {
        return switch (code) {
            case HttpURLConnection.HTTP_UNAUTHORIZED -> Failure.UNAUTHORIZED;
            case HttpURLConnection.HTTP_FORBIDDEN -> Failure.FORBIDDEN;
            case HttpURLConnection.HTTP_NOT_FOUND -> Failure.NOT_SERVED;
            case HttpURLConnection.HTTP_GONE -> Failure.GONE;
            case HttpURLConnection.HTTP_CLIENT_TIMEOUT, HTTP_TOO_MANY_REQUESTS -> Failure.UNAVAILABLE;
            default ->
                code >= HttpURLConnection.HTTP_BAD_REQUEST && code < HttpURLConnection.HTTP_INTERNAL_ERROR
                        ? Failure.WRONG_REQUEST
                        : Failure.UNAVAILABLE;
        };
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("").strip();
    }

    Failure failure() {
        return failure;
    }

    /** Returns true if retries fail until a person grants the missing right or installs the missing resource. */
    boolean isRefusal() {
        return failure == Failure.FORBIDDEN || failure == Failure.NOT_SERVED;
    }

    /** How long the API server asks the client to wait before a retry; zero if it does not ask. */
    Duration retryAfter() {
        return retryAfter;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
