package io.natator.enricher;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Builds objects of a cluster, in the namespace {@code shop}. */
final class KubernetesObjects {
    static final String STARTED = "2026-03-01T10:00:00Z";

    private KubernetesObjects() {}

    static Node node(String name, String zone, String... addresses) {
        var status = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("topology.kubernetes.io/zone", zone)
                .addToLabels("topology.kubernetes.io/region", "eu")
                .endMetadata()
                .withNewStatus()
                .addNewAddress(name + ".example.org", "Hostname");
        for (String address : addresses) {
            status.addNewAddress(address, "InternalIP");
        }
        return status.endStatus().build();
    }

    static Pod pod(String name, @Nullable HasMetadata owner, String... addresses) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .withOwnerReferences(references(owner))
                .endMetadata()
                .withNewSpec()
                .withNodeName("node-1")
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withStartTime(STARTED)
                .withHostIP("192.168.0.1")
                .withPodIP(addresses.length == 0 ? null : addresses[0])
                .withPodIPs(Arrays.stream(addresses).map(PodIP::new).toList())
                .endStatus()
                .build();
    }

    static ReplicaSet replicaSet(String name, @Nullable HasMetadata owner) {
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .withOwnerReferences(references(owner))
                .endMetadata()
                .build();
    }

    /** A template of pods with a label {@code app} and one container. */
    static PodTemplateSpec podTemplate(String app) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .addToLabels("app", app)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("image")
                .endContainer()
                .endSpec()
                .build();
    }

    static Deployment deployment(String name) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .endMetadata()
                .build();
    }

    /** Defines a namespaced kind. Its plural is the kind in lower case followed by {@code s}. */
    static CustomResourceDefinition customResourceDefinition(String group, String version, String kind) {
        String singular = kind.toLowerCase(Locale.ROOT);
        return new CustomResourceDefinitionBuilder()
                .withNewMetadata()
                .withName(singular + "s." + group)
                .endMetadata()
                .withNewSpec()
                .withGroup(group)
                .withScope("Namespaced")
                .withNewNames()
                .withKind(kind)
                .withPlural(singular + "s")
                .withSingular(singular)
                .endNames()
                .addNewVersion()
                .withName(version)
                .withServed(true)
                .withStorage(true)
                .withNewSchema()
                .withNewOpenAPIV3Schema()
                .withType("object")
                .withXKubernetesPreserveUnknownFields(true)
                .endOpenAPIV3Schema()
                .endSchema()
                .endVersion()
                .endSpec()
                .build();
    }

    private static OwnerReference[] references(@Nullable HasMetadata owner) {
        return owner == null ? new OwnerReference[0] : new OwnerReference[] {reference(owner)};
    }

    static OwnerReference reference(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    static Service service(String name, String clusterAddress, String... more) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .endMetadata()
                .withNewSpec()
                .withClusterIP(clusterAddress)
                .addToClusterIPs(clusterAddress)
                .addToClusterIPs(more)
                .endSpec()
                .build();
    }
}
