package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ReconciledKind;

/**
 * Receives the objects of the cluster. Calls about one object are in order. Calls about different kinds are concurrent.
 */
public interface ClusterListener {
    /** Called when an object was listed, added or changed. */
    void onObject(ClusterObject object);

    /** The object with this UID has just been deleted. */
    void onDeleted(String uid);

    /** Called when a list shows that an object was deleted while its kind was not watched. */
    void onMissing(String uid);

    /** Called once per kind, when every existing object of the kind has been reported at least once. */
    void onListed(ReconciledKind kind);
}
