package io.natator.enricher.cluster;

/**
 * Whether a kind can be read.
 *
 * @param reason what keeps it from being listed; empty if nothing does
 * @param watched changes arrive
 */
public record KindHealth(Listing listing, String reason, boolean watched) {
    /** What became of listing a kind. A kind in several namespaces has the worst of theirs: the later here, the worse. */
    public enum Listing {
        /** It was listed. */
        LISTED,
        /** The right is not granted, or the API server does not serve it. */
        REFUSED,
        /** It has not been asked for, or not been answered yet. */
        WAITING,
        /** It cannot be listed for another reason. */
        FAILING
    }

    /** Nothing is known yet. */
    public static final KindHealth UNKNOWN = new KindHealth(Listing.WAITING, "waiting for the API server", false);

    static KindHealth listed(boolean watched) {
        return new KindHealth(Listing.LISTED, "", watched);
    }

    /**
     * What is known after a list has failed. A kind that was listed stays so while the API server cannot answer: what it
     * said still counts.
     */
    KindHealth afterFailure(ApiException e) {
        boolean passing = e.kind() == ApiException.Cause.UNREACHABLE || e.kind() == ApiException.Cause.UNAVAILABLE;
        if (listing == Listing.LISTED && passing) {
            return this;
        }
        return new KindHealth(e.isRefusal() ? Listing.REFUSED : Listing.FAILING, e.reason(), false);
    }

    KindHealth worse(KindHealth other) {
        boolean bothWatched = watched && other.watched;
        KindHealth worst = other.listing.compareTo(listing) > 0 ? other : this;
        return new KindHealth(worst.listing, worst.reason, bothWatched);
    }
}
