package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An informer's memory of what exists, which is all it needs to notice deletions and changes: name, UID and resource
 * version. The objects themselves are gone once they are distilled. Thread-safe.
 */
final class VersionStore implements ItemStore<GenericKubernetesResource> {
    private record Version(String uid, String resourceVersion) {}

    private final Map<String, Version> versions = new ConcurrentHashMap<>();
    private final Backlog backlog;

    /** @param backlog entered by every object that the informer is about to tell of */
    VersionStore(Backlog backlog) {
        this.backlog = backlog;
    }

    @Override
    public String getKey(GenericKubernetesResource object) {
        ObjectMeta meta = object.getMetadata();
        if (meta == null || meta.getName() == null) {
            // Set aside later, each by itself: the informer cannot tell one without metadata from another.
            return "?" + System.identityHashCode(object);
        }
        return meta.getNamespace() == null ? meta.getName() : meta.getNamespace() + "/" + meta.getName();
    }

    @Override
    public @Nullable GenericKubernetesResource put(String key, GenericKubernetesResource object) {
        ObjectMeta meta = object.getMetadata();
        if (meta != null && meta.getUid() != null) {
            meta.setUid(meta.getUid().intern()); // others refer to it by UID
        }
        var version = meta == null
                ? new Version("", "")
                : new Version(orEmpty(meta.getUid()), orEmpty(meta.getResourceVersion()));
        Version before = versions.put(key, version);
        if (before == null || !before.resourceVersion().equals(version.resourceVersion())) {
            backlog.enter();
        }
        return restored(key, before);
    }

    @Override
    public @Nullable GenericKubernetesResource remove(String key) {
        return restored(key, versions.remove(key));
    }

    @Override
    public @Nullable GenericKubernetesResource get(String key) {
        return restored(key, versions.get(key));
    }

    @Override
    public Stream<String> keySet() {
        return versions.keySet().stream();
    }

    @Override
    public Stream<GenericKubernetesResource> values() {
        return versions.entrySet().stream().map(entry -> asObject(entry.getKey(), entry.getValue()));
    }

    @Override
    public int size() {
        return versions.size();
    }

    /** Not the objects as they were: additions are told at once instead of being looked up here later. */
    @Override
    public boolean isFullState() {
        return false;
    }

    private static @Nullable GenericKubernetesResource restored(String key, @Nullable Version version) {
        return version == null ? null : asObject(key, version);
    }

    private static GenericKubernetesResource asObject(String key, Version version) {
        var meta = new ObjectMeta();
        int slash = key.indexOf('/');
        if (slash >= 0) {
            meta.setNamespace(key.substring(0, slash));
        }
        meta.setName(key.substring(slash + 1));
        meta.setUid(version.uid());
        meta.setResourceVersion(version.resourceVersion());
        var object = new GenericKubernetesResource();
        object.setMetadata(meta);
        return object;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
