package io.natator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests, in a real browser, what a hostile page can do if its visitor has access to a service. */
class HostilePageTest {
    private static final Path BROWSER = Path.of("/usr/bin/chromium");
    private static final String SECRET = "web talks to cart";
    /** A public name that the browser resolves to this machine. A hostile DNS server could cause this. */
    private static final String REBOUND = "attacker.example.com";

    /** A page that tries every way in which a page can reach another origin, and displays the outcomes. */
    private static final String ATTACK = """
            <!doctype html><title>hostile</title><body><pre id=log></pre><script>
            const target = 'TARGET';
            const say = (what, came) => document.getElementById('log').textContent += what + ': ' + came + '\\n';
            const loaded = (tag, attributes) => new Promise(done => {
              const element = Object.assign(document.createElement(tag), attributes);
              element.onload = () => done('loaded');
              element.onerror = () => done('refused');
              document.body.append(element);
            });
            (async () => {
              say('fetch', await fetch(target).then(answer => answer.text(), failure => 'refused'));
              say('blind fetch', await fetch(target, {mode: 'no-cors'}).then(answer => 'loaded', failure => 'refused'));
              say('script', await loaded('script', {src: target}));
              say('image', await loaded('img', {src: target}));
              say('style', await loaded('link', {rel: 'stylesheet', href: target}));
              say('events', await new Promise(done => {
                const events = new EventSource(target);
                events.onopen = () => done('loaded');
                events.onerror = () => { events.close(); done('refused'); };
              }));
              await Promise.race([loaded('iframe', {src: target}), new Promise(done => setTimeout(done, 2000))]);
              try {
                say('frame', document.querySelector('iframe').contentDocument?.body.textContent || 'refused');
              } catch (failure) {
                say('frame', 'refused');
              }
              say('all', 'tried');
            })();
            </script>""";

    @TempDir
    Path folder;

    private final AtomicInteger answered = new AtomicInteger();
    private HttpService service;
    private HttpServer hostile;
    private String hostilePage = "";

    @BeforeAll
    static void hasABrowser() {
        assumeTrue(Files.isExecutable(BROWSER), "skipped: no " + BROWSER + ": install Debian's chromium");
    }

    @BeforeEach
    void serve() throws IOException {
        service = new HttpService(new HttpSettings(
                        "127.0.0.1", 0, Optional.empty(), Optional.empty(), Optional.empty(), List.of()))
                .guarded("/secret", exchange -> {
                    answered.incrementAndGet();
                    Answers.text(exchange, 200, SECRET);
                })
                .guarded(
                        "/page",
                        exchange -> html(
                                exchange,
                                "<!doctype html><body><pre id=log></pre>"
                                        + "<script>document.getElementById('log').textContent += 'injected'</script>"
                                        + "<script src=/page.js></script>"))
                .guarded(
                        "/page.js",
                        exchange -> answer(
                                exchange,
                                "text/javascript",
                                "fetch('/secret')"
                                        + ".then(answer => answer.text())"
                                        + ".then(text => document.getElementById('log').textContent += 'own page read: ' + text)"))
                .start();
        hostile = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hostile.createContext("/", exchange -> html(exchange, hostilePage));
        hostile.start();
    }

    @AfterEach
    void stop() {
        hostile.stop(0);
        service.close();
    }

    @Test
    void anotherSitesPageReadsNothingAndReachesNoHandler() throws Exception {
        // Given
        hostilePage = ATTACK.replace("TARGET", "http://127.0.0.1:" + service.port() + "/secret");

        // When
        String seen = open("http://localhost:" + hostile.getAddress().getPort() + "/");

        // Then
        assertThat(seen)
                .contains(
                        "fetch: refused",
                        "blind fetch: refused",
                        "script: refused",
                        "image: refused",
                        "style: refused",
                        "events: refused",
                        "frame: refused",
                        "all: tried")
                .doesNotContain(SECRET);
        assertThat(answered).hasValue(0);
    }

    @Test
    void refusesAReboundName() throws Exception {
        // When
        String seen = open("http://" + REBOUND + ":" + service.port() + "/secret");

        // Then
        assertThat(seen).contains("unknown host").doesNotContain(SECRET);
        assertThat(answered).hasValue(0);
    }

    @Test
    void ownPageReadsAndInjectedScriptsDoNotRun() throws Exception {
        // When
        String seen = open("http://127.0.0.1:" + service.port() + "/page");

        // Then
        assertThat(seen)
                .contains("own page read: " + SECRET)
                .doesNotContain(">injected")
                .doesNotContain("injectedown");
        assertThat(answered).hasValue(1);
    }

    /** Opens a page and returns its content after all its requests have ended. */
    private String open(String address) throws IOException, InterruptedException {
        Path page = folder.resolve("page");
        Path errors = folder.resolve("errors");
        Process browser = new ProcessBuilder(
                        BROWSER.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--host-resolver-rules=MAP " + REBOUND + " 127.0.0.1",
                        "--virtual-time-budget=30000",
                        "--dump-dom",
                        address)
                .redirectOutput(page.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            boolean ended = browser.waitFor(2, TimeUnit.MINUTES);
            assertThat(ended).as(() -> "the browser ends: " + read(errors)).isTrue();
            assertThat(page).as(() -> read(errors)).isNotEmptyFile();
            return Files.readString(page);
        } finally {
            browser.descendants().forEach(ProcessHandle::destroyForcibly);
            browser.destroyForcibly();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void html(HttpExchange exchange, String page) throws IOException {
        answer(exchange, "text/html; charset=utf-8", page);
    }

    private static void answer(HttpExchange exchange, String type, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
