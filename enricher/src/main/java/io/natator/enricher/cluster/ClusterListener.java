package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ReconciledKind;

/** Receives the objects of the cluster. Calls for one object are in order; calls for different kinds are concurrent. */
public interface ClusterListener {
    /** The object exists in this state. */
    void onObject(ClusterObject object);

    /** The object with this UID has just been deleted. */
    void onDeleted(String uid);

    /** The object with this UID was deleted while its kind was not watched: a new list does not contain it. */
    void onMissing(String uid);

    /** Every object of the kind that exists has been reported at least once. */
    void onListed(ReconciledKind kind);
}
