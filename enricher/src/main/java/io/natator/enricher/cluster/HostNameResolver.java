package io.natator.enricher.cluster;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up the host names of load balancers in the DNS, in the background. The names that workloads look up are not used
 * for this, because a workload can forge them.
 */
public final class HostNameResolver implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HostNameResolver.class);
    private static final int THREADS = 4;

    /** Receives the results of look-ups, on the threads that look names up. */
    public interface Listener {
        /**
         * A look-up has ended.
         *
         * @param addresses the addresses in the form of the topic's keys; empty if there are none, or if the look-up
         *     failed
         */
        void onHostNameResolved(String hostName, Set<String> addresses);
    }

    /** Looks up a name and may block. */
    interface Lookup {
        List<InetAddress> find(String hostName) throws UnknownHostException;
    }

    private final Lookup lookup;
    private final Listener listener;
    // The queue needs no limit: the model limits the number of names, and requests no name twice at a time.
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("host-name-lookup-", 0).factory());

    /** Creates a resolver that uses the DNS configuration of this machine. */
    public HostNameResolver(Listener listener) {
        this(HostNameResolver::findAbsolute, listener);
    }

    HostNameResolver(Lookup lookup, Listener listener) {
        this.lookup = lookup;
        this.listener = listener;
        threads.allowCoreThreadTimeOut(true);
    }

    /** The dot at the end keeps the search domains of the pod from being appended to the name. */
    private static List<InetAddress> findAbsolute(String hostName) throws UnknownHostException {
        return List.of(InetAddress.getAllByName(hostName + "."));
    }

    /** Looks up a host name in the background. */
    public void start(String hostName) {
        threads.execute(() -> lookUp(hostName));
    }

    private void lookUp(String hostName) {
        Set<String> addresses = new HashSet<>();
        try {
            for (InetAddress address : lookup.find(hostName)) {
                OwnableAddresses.format(address).ifPresent(addresses::add);
            }
        } catch (UnknownHostException | RuntimeException e) {
            log.atDebug()
                    .setCause(e)
                    .addKeyValue("hostName", hostName)
                    .log("The look-up of a load balancer's host name failed and is retried");
        }
        listener.onHostNameResolved(hostName, addresses);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
