package io.natator.enricher.cluster;

/**
 * Whether the enricher can read a kind of objects from the API server.
 *
 * @param reason why the kind cannot be listed; empty if it can be listed
 * @param watched true while a watch of the kind is open
 */
public record KindHealth(Listing listing, String reason, boolean watched) {
    /**
     * The state of a kind's list, from best to worst. If a kind is listed in several namespaces, its state is the worst
     * one of these lists.
     */
    public enum Listing {
        /** The list succeeded. */
        LISTED,
        /** The enricher has no right to list the kind, or the API server does not serve it. */
        REFUSED,
        /** The API server has not responded yet. */
        WAITING,
        /** The list failed for another reason. */
        FAILING
    }

    /** The health before the first request for the kind: nothing is known. */
    public static final KindHealth UNKNOWN = new KindHealth(Listing.WAITING, "waiting for the API server", false);

    static KindHealth listed(boolean watched) {
        return new KindHealth(Listing.LISTED, "", watched);
    }

    /**
     * The health after a failed list. A kind that was listed once stays {@link Listing#LISTED} while the API server is
     * unreachable or unavailable, because its objects are still valid.
     */
    KindHealth afterFailure(ApiException e) {
        boolean temporary =
                e.failure() == ApiException.Failure.UNREACHABLE || e.failure() == ApiException.Failure.UNAVAILABLE;
        if (listing == Listing.LISTED && temporary) {
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
