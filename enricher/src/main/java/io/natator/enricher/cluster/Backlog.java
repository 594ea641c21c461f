package io.natator.enricher.cluster;

/**
 * Objects that were read and have not been taken in yet, boundedly many: who reads waits for who takes in, so that the
 * next page of a list is not asked for before this one is dealt with, nor the next event of a watch. Informers by
 * themselves queue without a bound. Thread-safe.
 */
final class Backlog {
    private final int bound;
    private int size;
    private boolean closed;

    Backlog(int bound) {
        this.bound = bound;
    }

    /** An object is read: waits until there is room for it, or this is closed, or the thread is interrupted. */
    synchronized void enter() {
        while (size >= bound && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // what is read is queued all the same
                break;
            }
        }
        size++;
    }

    /** An object that had entered is taken in. */
    synchronized void leave() {
        size--;
        notifyAll();
    }

    /** Nobody waits any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
