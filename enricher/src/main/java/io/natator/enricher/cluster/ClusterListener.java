package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.Kind;

/** Told what the cluster has. Calls for one object come in order; different kinds come at the same time. */
public interface ClusterListener {
    /** The object is there, and looks like this. */
    void observed(ClusterObject object);

    /** The object with this UID is deleted. */
    void gone(String uid);

    /** Every object of the kind that exists has been told at least once. */
    void listed(Kind kind);
}
