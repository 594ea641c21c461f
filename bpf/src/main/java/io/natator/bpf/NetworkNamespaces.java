package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.SystemCalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the network namespaces of the machine, and runs code in them. */
final class NetworkNamespaces {
    private static final Logger log = LoggerFactory.getLogger(NetworkNamespaces.class);
    /**
     * Directory in which iproute2 and container runtimes mount named namespaces. A named namespace can exist without a
     * process.
     */
    private static final Path NAMED = Path.of("/run/netns");

    private NetworkNamespaces() {}

    /**
     * Returns one file for each network namespace that has a process or a name.
     *
     * @param proc mount of the proc file system of the initial pid namespace
     */
    static Collection<Path> all(Path proc) {
        Map<Object, Path> namespaces = new LinkedHashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            processes.forEach(process -> add(namespaces, process.resolve("ns/net")));
        } catch (IOException unreadable) {
            log.atWarn()
                    .addKeyValue("proc", proc)
                    .setCause(unreadable)
                    .log("Could not list processes: sockets that are already open are not reported until they close");
        }
        if (Files.isDirectory(NAMED)) {
            try (DirectoryStream<Path> named = Files.newDirectoryStream(NAMED)) {
                named.forEach(name -> add(namespaces, name));
            } catch (IOException unreadable) {
                log.atWarn().setCause(unreadable).log("Could not list the named network namespaces");
            }
        }
        return namespaces.values();
    }

    private static void add(Map<Object, Path> namespaces, Path file) {
        try {
            namespaces.putIfAbsent(Files.getAttribute(file, "unix:ino"), file);
        } catch (IOException gone) {
            log.atTrace().addKeyValue("file", file).log("Network namespace is gone");
        }
    }

    /**
     * Runs a task in a network namespace. It uses a new platform thread, because setns(2) moves the calling thread
     * permanently.
     */
    static void within(Path namespace, Runnable task) {
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().name("network-namespace").unstarted(() -> {
            try {
                SystemCalls.enterNetworkNamespace(namespace);
                task.run();
            } catch (RuntimeException thrown) {
                failure.set(thrown);
            }
        });
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BpfException("network namespace " + namespace + " not read: interrupted", interrupted);
        }
        RuntimeException thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
    }
}
