package io.natator.bpf;

/** In which order a tracker attaches its own programs and detaches the programs of another version. */
enum TakeoverOrder {
    /**
     * TCP: first attach, then detach. For a moment the programs of both versions are attached, so no close is missed. A
     * close in this moment is reported twice, which does no harm: its counters are cumulative, and both records have
     * the same fingerprint.
     */
    ATTACH_FIRST,
    /**
     * UDP: first detach, then attach. For a moment no programs are attached, so no datagram is counted twice. Datagrams
     * in this moment are not counted.
     */
    DETACH_FIRST;

    void run(Runnable attach, Runnable detachOthers) {
        switch (this) {
            case ATTACH_FIRST -> {
                attach.run();
                detachOthers.run();
            }
            case DETACH_FIRST -> {
                detachOthers.run();
                attach.run();
            }
        }
    }
}
