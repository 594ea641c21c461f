package io.natator.topology;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.CidrBlock;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import io.natator.schemas.Protocol;
import io.natator.topology.identity.Clusters;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.identity.Identities;
import io.natator.topology.identity.InternalAddresses;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.ObservedDnsNames;
import io.natator.topology.identity.WorkloadResolver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Identities (pods, nodes, owners of addresses) that a test defines, instead of those of a cluster. They are those of all
 * clusters, except those that have their own.
 */
public final class FakeIdentities implements Identities, Clusters {
    private final Map<String, Identity> pods = new HashMap<>();
    private final Map<String, Identity> nodes = new HashMap<>();
    private final Map<ByteBuffer, List<Ownership>> owners = new HashMap<>();
    private final Map<String, List<Ownership>> nodePorts = new HashMap<>();
    private final List<CidrBlock> podRanges = new ArrayList<>();

    private final Map<String, FakeIdentities> clusters = new HashMap<>();

    private Instant completeAsOf = Instant.MAX;

    /** A resolver that knows nothing but the clusters: no ranges, no host names, and no DNS names. */
    public static WorkloadResolver resolver(Clusters clusters) {
        return new WorkloadResolver(
                clusters,
                ObservedDnsNames.NONE,
                new NamingRules(
                        true,
                        new InternalAddresses(List.of()),
                        ExternalNames.NONE,
                        NameLookup.NONE,
                        Duration.ofHours(24),
                        true));
    }

    /** Gives a cluster identities of its own. */
    public FakeIdentities addCluster(String name) {
        return clusters.computeIfAbsent(name, added -> new FakeIdentities());
    }

    @Override
    public Identities identitiesOf(String cluster) {
        return clusters.getOrDefault(cluster, this);
    }

    /** Sets up to when the identities are complete. At first they are complete for ever. */
    public void completeAsOf(Instant time) {
        completeAsOf = time;
    }

    /** Removes all identities. */
    public void clear() {
        pods.clear();
        nodes.clear();
        owners.clear();
        nodePorts.clear();
    }

    @Override
    public boolean isCompleteAsOf(Instant time) {
        return !completeAsOf.isBefore(time);
    }

    @Override
    public boolean canChange() {
        return true;
    }

    @Override
    public @Nullable Identity pod(String uid) {
        return pods.get(uid);
    }

    @Override
    public @Nullable Identity node(String name) {
        return nodes.get(name);
    }

    @Override
    public @Nullable AddressOwners address(ByteBuffer address) {
        List<Ownership> known = owners.get(address);
        return known == null ? null : new AddressOwners(known, null);
    }

    @Override
    public @Nullable AddressOwners nodePort(Protocol protocol, int port) {
        List<Ownership> known = nodePorts.get(IdentityKeys.ofNodePort(protocol, port));
        return known == null ? null : new AddressOwners(known, null);
    }

    public void addNodePort(Protocol protocol, int port, Identity service, Instant from, @Nullable Instant until) {
        nodePorts
                .computeIfAbsent(IdentityKeys.ofNodePort(protocol, port), absent -> new ArrayList<>())
                .add(new Ownership(service, from, until));
    }

    @Override
    public boolean isInPodRange(ByteBuffer address) {
        return podRanges.stream().anyMatch(range -> range.contains(address));
    }

    public void addPodRange(String range) {
        podRanges.add(CidrBlock.parse(range));
    }

    public void addNode(Identity identity) {
        nodes.put(identity.getName(), identity);
    }

    public void addPod(String uid, Identity identity) {
        pods.put(uid, identity);
    }

    public void addOwner(String address, Identity identity, Instant from, @Nullable Instant until) {
        owners.computeIfAbsent(Snapshots.address(address), absent -> new ArrayList<>())
                .add(new Ownership(identity, from, until));
    }

    /** A pod of a Deployment, in the namespace {@code shop} and the zone {@code zone-1}. */
    public static Identity podOf(String deployment) {
        return podOf(deployment, null);
    }

    /**
     * A pod of a Deployment, in the namespace {@code shop} and the zone {@code zone-1}. If a ReplicaSet is given, it is
     * the direct controller of the pod.
     */
    public static Identity podOf(String deployment, @Nullable String replicaSet) {
        return Identity.newBuilder()
                .setOwner(replicaSet == null ? null : new ObjectRef("ReplicaSet", "shop", replicaSet))
                .setKind("Pod")
                .setNamespace("shop")
                .setName(deployment + "-abc")
                .setWorkload(new ObjectRef("Deployment", "shop", deployment))
                .setZone("zone-1")
                .setRegion("region-1")
                .build();
    }

    public static Identity service(String name) {
        return service(name, null);
    }

    /** A Service. All its pods belong to one Deployment, or to several workloads if {@code deployment} is null. */
    public static Identity service(String name, @Nullable String deployment) {
        return Identity.newBuilder()
                .setBackend(deployment == null ? null : new ObjectRef("Deployment", "shop", deployment))
                .setKind("Service")
                .setNamespace("shop")
                .setName(name)
                .setWorkload(new ObjectRef("Service", "shop", name))
                .build();
    }

    public static Identity nodeOf(String name) {
        return Identity.newBuilder()
                .setKind("Node")
                .setName(name)
                .setWorkload(new ObjectRef("Node", "", name))
                .setZone("zone-1")
                .build();
    }
}
