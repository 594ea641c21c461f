package io.natator.http;

import com.sun.net.httpserver.Headers;

/**
 * The response headers that restrict what browsers may do with a response. They forbid pages of other origins to read,
 * frame or embed a response, and forbid browsers to guess its type. They allow a page of this origin to run scripts of
 * this origin only, and allow these scripts to create workers.
 */
final class BrowserPolicy {
    private BrowserPolicy() {}

    static void setHeaders(Headers headers) {
        headers.set(
                "Content-Security-Policy",
                "default-src 'self'; worker-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none';"
                        + " form-action 'none'; frame-ancestors 'none'");
        headers.set("X-Frame-Options", "DENY");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cache-Control", "no-store");
    }
}
