package io.natator.topology.sse;

import io.natator.schemas.LinkKey;
import io.natator.topology.statistics.Counter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connected clients of {@code /api/events}. Each client has its own queue of events. A client that reads too slowly
 * is disconnected when its queue is full. So a slow client neither fills the memory nor delays other clients.
 * Thread-safe.
 */
final class Subscribers {
    private final Semaphore free;
    private final int queueLength;
    private final Counter disconnected;
    private final List<Subscriber> all = new CopyOnWriteArrayList<>();

    /**
     * Creates an empty set of clients.
     *
     * @param limit maximum number of clients at the same time
     * @param queueLength maximum number of events that wait for one client
     * @param disconnected counts clients that were disconnected because they read too slowly
     */
    Subscribers(int limit, int queueLength, Counter disconnected) {
        free = new Semaphore(limit);
        this.queueLength = queueLength;
        this.disconnected = disconnected;
    }

    /** One connected client. The thread that called {@link #subscribe} serves the client. */
    static final class Subscriber {
        private final Predicate<LinkKey> filter;
        private final BlockingQueue<String> queue;
        private final Thread thread = Thread.currentThread();

        Subscriber(Predicate<LinkKey> filter, int queueLength) {
            this.filter = filter;
            queue = new ArrayBlockingQueue<>(queueLength);
        }

        /** Waits for the next event, as text in the format of server-sent events; null if none arrives in time. */
        @Nullable
        String next(long millis) throws InterruptedException {
            return queue.poll(millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Adds a client and returns it; returns empty if the maximum number of clients is already connected. */
    Optional<Subscriber> subscribe(Predicate<LinkKey> filter) {
        if (!free.tryAcquire()) {
            return Optional.empty();
        }
        var subscriber = new Subscriber(filter, queueLength);
        all.add(subscriber);
        return Optional.of(subscriber);
    }

    void unsubscribe(Subscriber subscriber) {
        all.remove(subscriber);
        free.release();
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    int size() {
        return all.size();
    }

    /** Queues an event for each client whose filter accepts the link. */
    void publish(LinkKey key, String event) {
        List<Subscriber> slow = all.stream()
                .filter(subscriber -> subscriber.filter.test(key) && !subscriber.queue.offer(event))
                .toList();
        for (Subscriber subscriber : slow) {
            all.remove(subscriber);
            disconnected.increment();
            // This also ends a write to the client that is blocked because the client does not read.
            subscriber.thread.interrupt();
        }
    }

    void disconnectAll() {
        all.forEach(subscriber -> subscriber.thread.interrupt());
    }
}
