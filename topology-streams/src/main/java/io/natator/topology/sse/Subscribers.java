package io.natator.topology.sse;

import io.natator.schemas.LinkKey;
import io.natator.topology.state.Counter;
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
 * Those who listen, each with a queue of its own. Who does not keep up until its queue is full is dropped, so that neither
 * memory nor the others suffer. Thread-safe.
 */
final class Subscribers {
    private final Semaphore free;
    private final int queueLength;
    private final Counter disconnected;
    private final List<Subscriber> all = new CopyOnWriteArrayList<>();

    /**
     * None.
     *
     * @param most how many at once
     * @param queueLength events that wait for one of them, at most
     * @param dropped counts those who did not keep up
     */
    Subscribers(int limit, int queueLength, Counter disconnected) {
        free = new Semaphore(limit);
        this.queueLength = queueLength;
        this.disconnected = disconnected;
    }

    /** One who listens; its thread is the one that subscribed. */
    static final class Subscriber {
        private final Predicate<LinkKey> filter;
        private final BlockingQueue<String> queue;
        private final Thread thread = Thread.currentThread();

        Subscriber(Predicate<LinkKey> filter, int queueLength) {
            this.filter = filter;
            queue = new ArrayBlockingQueue<>(queueLength);
        }

        /** The next event as it is written; null if none comes for so long. */
        @Nullable
        String next(long millis) throws InterruptedException {
            return queue.poll(millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Another one, if there is room. */
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

    /** Tells those whom it concerns. */
    void publish(LinkKey key, String event) {
        List<Subscriber> slow = all.stream()
                .filter(subscriber -> subscriber.filter.test(key) && !subscriber.queue.offer(event))
                .toList();
        for (Subscriber subscriber : slow) {
            all.remove(subscriber);
            disconnected.increment();
            subscriber.thread.interrupt(); // also out of a write that nobody reads
        }
    }

    /** Ends them all. */
    void disconnectAll() {
        all.forEach(subscriber -> subscriber.thread.interrupt());
    }
}
