package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ObjectRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopControllerTest {
    private static final ObjectRef REPLICA_SET = new ObjectRef("ReplicaSet", "shop", "web-1");
    private static final ObjectRef DEPLOYMENT = new ObjectRef("Deployment", "shop", "web");

    private final ModelDriver driver = new ModelDriver();

    private static ClusterObject.Controller controller(
            ObjectRef ref, @Nullable String ownerKind, @Nullable String ownerName) {
        OwnerReference owner = ownerKind == null || ownerName == null
                ? null
                : new OwnerReference("apps/v1", ownerKind, ownerName, "uid-" + ownerName);
        return new ClusterObject.Controller("uid-" + ref.getName(), ref, owner);
    }

    private ClusterObject.Pod web() {
        return pod("web-1-x")
                .controller("ReplicaSet", "web-1")
                .started(2)
                .addresses("10.0.0.1")
                .build();
    }

    private ObjectRef workload() {
        return driver.identity("pod/uid-web-1-x").getWorkload();
    }

    @Test
    void podWithoutAControllerIsItsOwnWorkload() {
        driver.onObject(3, pod("alone").build());

        assertThat(driver.identity("pod/uid-alone").getOwner()).isNull();
        assertThat(driver.identity("pod/uid-alone").getWorkload()).isEqualTo(new ObjectRef("Pod", "shop", "alone"));
    }

    @Test
    void staticPodIsItsOwnWorkload() {
        driver.onObject(
                3,
                new ClusterObject.Pod(
                        new ClusterObject.Metadata("uid-etcd", "kube-system", "etcd-node-1", null),
                        "node-1",
                        ClusterObject.Network.HOST,
                        new OwnerReference("v1", "Node", "node-1", "uid-node-1"),
                        PodLifecycle.PENDING,
                        null,
                        new ClusterObject.Description("etcd-node-1", Map.of(), Map.of())));

        assertThat(driver.identity("pod/uid-etcd").getWorkload())
                .isEqualTo(new ObjectRef("Pod", "kube-system", "etcd-node-1"));
    }

    @Test
    void staticPodHasARecordUnderItsHash() {
        // Given
        String hash = "0123456789abcdef0123456789abcdef";
        driver.onObject(3, pod("etcd").configHash(hash).build());
        assertThat(driver.identity("pod/" + hash)).isEqualTo(driver.identity("pod/uid-etcd"));
        ModelDriver next = driver.restarted();

        // When the pod's copy in the API is created again, and the deletion of the old copy is observed afterwards
        next.onObject(10, pod("etcd").configHash(hash).build());
        next.onListed(11);
        next.onObject(12, pod("etcd-again").configHash(hash).build());
        next.onDeleted(13, "uid-etcd");
        next.checkDue(13 + 7 * 86_400);

        // Then
        assertThat(next.topic.get("pod/uid-etcd")).isNull();
        assertThat(next.identity("pod/" + hash).getName()).isEqualTo("etcd-again");
        next.onDeleted(14 + 7 * 86_400, "uid-etcd-again");
        next.checkDue(15 + 21 * 86_400);
        assertThat(next.topic.get("pod/" + hash)).isNull();
    }

    @Test
    void workloadIsTheTopController() {
        // Given
        driver.onObject(1, controller(DEPLOYMENT, null, null));
        driver.onObject(1, controller(REPLICA_SET, "Deployment", "web"));

        // When
        driver.onObject(3, web());

        // Then
        assertThat(driver.identity("pod/uid-web-1-x").getOwner()).isEqualTo(REPLICA_SET);
        assertThat(workload()).isEqualTo(DEPLOYMENT);
        assertThat(driver.model.drainRequests()).isEmpty();
    }

    @Test
    void podOwnedByAPodHasTheWorkloadOfThatPod() {
        // Given
        driver.onObject(1, controller(new ObjectRef("Job", "shop", "train"), null, null));
        driver.onObject(2, pod("driver").controller("Job", "train").build());

        // When
        driver.onObject(3, pod("executor").ownedByPod("driver").build());

        // Then
        assertThat(driver.identity("pod/uid-executor").getOwner()).isEqualTo(new ObjectRef("Pod", "shop", "driver"));
        assertThat(driver.identity("pod/uid-executor").getWorkload()).isEqualTo(new ObjectRef("Job", "shop", "train"));
    }

    @Test
    void podOwnedByAPodWaitsForItWithoutALookUp() {
        // Given
        driver.onObject(1, controller(new ObjectRef("Job", "shop", "train"), null, null));
        driver.onObject(
                2, pod("executor").ownedByPod("driver").addresses("10.0.0.1").build());
        assertThat(driver.topic).doesNotContainKey("pod/uid-executor");
        assertThat(driver.model.drainRequests()).isEmpty();

        // When
        driver.onObject(3, pod("driver").controller("Job", "train").build());

        // Then
        assertThat(driver.identity("pod/uid-executor").getWorkload()).isEqualTo(new ObjectRef("Job", "shop", "train"));
        assertThat(driver.ownerAt("10.0.0.1", at(4))).contains("executor");
    }

    /** The name of the executors must not hold up the progress of the topic. */
    @Test
    void podDoesNotWaitForAPodThatNoLongerExists() {
        // Given
        driver.onObject(2, pod("waiting").ownedByPod("gone").build());
        assertThat(driver.topic).doesNotContainKey("pod/uid-waiting");

        // When
        driver.onListed(3);
        driver.onObject(4, pod("late").ownedByPod("gone").build());

        // Then
        assertThat(driver.identity("pod/uid-waiting").getWorkload()).isEqualTo(new ObjectRef("Pod", "shop", "gone"));
        assertThat(driver.identity("pod/uid-late").getWorkload()).isEqualTo(new ObjectRef("Pod", "shop", "gone"));
        assertThat(driver.model.drainRequests()).isEmpty();
    }

    @Test
    void executorsHaveTheGroupOfTheirDriver() {
        driver.onObject(2, pod("driver-x7").workloadName("driver").build());
        driver.onObject(3, pod("executor").ownedByPod("driver-x7").build());

        assertThat(driver.identity("pod/uid-executor").getOwner()).isEqualTo(new ObjectRef("Pod", "shop", "driver-x7"));
        assertThat(driver.identity("pod/uid-executor").getWorkload()).isEqualTo(new ObjectRef("Pod", "shop", "driver"));
    }

    /** The enricher has no right to get a Service. */
    @Test
    void serviceThatOwnsPodsIsNotLookedUp() {
        driver.onObject(
                3,
                pod("odd")
                        .controller(new OwnerReference("v1", "Service", "web", "u"))
                        .build());

        assertThat(driver.identity("pod/uid-odd").getWorkload()).isEqualTo(new ObjectRef("Service", "shop", "web"));
        assertThat(driver.model.drainRequests()).isEmpty();
    }

    /** A pod that outlives its Job has the same name as before. */
    @Test
    void podOfAGeneratedJobHasItsGroupAlsoAfterTheJob() {
        // Given
        driver.onObject(
                1,
                new ClusterObject.Controller(
                        "uid-report-x7",
                        new ObjectRef("Job", "shop", "report-x7"),
                        new ObjectRef("Job", "shop", "report"),
                        null));
        driver.onObject(2, pod("p").controller("Job", "report-x7").build());
        assertThat(driver.identity("pod/uid-p").getOwner()).isEqualTo(new ObjectRef("Job", "shop", "report-x7"));
        assertThat(driver.identity("pod/uid-p").getWorkload()).isEqualTo(new ObjectRef("Job", "shop", "report"));

        // When
        driver.onDeleted(3, "uid-report-x7");
        driver.onObject(4, pod("p").controller("Job", "report-x7").finished(3).build());
        ModelDriver next = driver.restarted();
        next.onObject(10, pod("p").controller("Job", "report-x7").finished(3).build());

        // Then
        assertThat(next.identity("pod/uid-p").getWorkload()).isEqualTo(new ObjectRef("Job", "shop", "report"));
    }

    @Test
    void labelsAreInThePodsRecordOnly() {
        // When
        driver.onObject(
                3,
                pod("web").started(2).addresses("10.0.0.1").label("app", "web").build());
        ModelDriver next = driver.restarted();
        next.onObject(
                10,
                pod("web").started(2).addresses("10.0.0.1").label("app", "web").build());
        next.onListed(11);

        // Then
        assertThat(next.identity("pod/uid-web").getLabels()).isEqualTo(Map.of("app", "web"));
        assertThat(next.owners("10.0.0.1").getFirst().getIdentity().getLabels()).isEmpty();
        assertThat(next.written).isZero();

        // When
        next.onObject(
                20,
                pod("web").started(2).addresses("10.0.0.1").label("app", "new").build());

        // Then
        assertThat(next.identity("pod/uid-web").getLabels()).isEqualTo(Map.of("app", "new"));
        assertThat(next.written).isEqualTo(1);
    }

    @Test
    void podsThatOwnEachOtherEndTheClimb() {
        // When
        driver.onObject(1, pod("one").ownedByPod("other").build());
        driver.onObject(2, pod("other").ownedByPod("one").build());

        // Then
        assertThat(driver.identity("pod/uid-one").getOwner()).isEqualTo(new ObjectRef("Pod", "shop", "other"));
        assertThat(driver.identity("pod/uid-other").getOwner()).isEqualTo(new ObjectRef("Pod", "shop", "one"));
    }

    @Test
    void podWaitsForItsOwnersAndRequestsThem() {
        // Given
        driver.onObject(1, controller(REPLICA_SET, "Deployment", "web"));

        // When
        driver.onObject(3, web());

        // Then
        assertThat(driver.topic).isEmpty();
        assertThat(driver.model.drainRequests())
                .extracting(wanted -> wanted.reference().name())
                .containsExactly("web");
        assertThat(driver.model.drainRequests()).isEmpty();

        // When
        driver.model.onControllerFound(controller(DEPLOYMENT, "Application", "shop-app"), at(4));
        driver.model.onControllerFound(controller(new ObjectRef("Application", "shop", "shop-app"), null, null), at(4));
        driver.drain(4);

        // Then
        assertThat(workload()).isEqualTo(new ObjectRef("Application", "shop", "shop-app"));
        assertThat(driver.spans("10.0.0.1")).containsExactly("web-1-x 2..");
    }

    @Test
    void podWithoutANameYetEndsTheSpanOfItsPredecessor() {
        // Given
        driver.onObject(
                1, pod("old").started(0).running(0).addresses("10.0.0.1").build());

        // When
        driver.onObject(9, web());

        // Then
        assertThat(driver.spans("10.0.0.1")).containsExactly("old 0..2");
    }

    @Test
    void absentOwnerIsTheTop() {
        // Given
        driver.onObject(3, web());

        // When
        driver.model.onControllerAbsent("uid-web-1", at(4));
        driver.drain(4);

        // Then
        assertThat(workload()).isEqualTo(REPLICA_SET);
    }

    @Test
    void podIsWrittenWithoutItsOwnersAfterItsPatience() {
        // Given
        driver.onObject(3, web());

        // When
        driver.checkDue(12);

        // Then
        assertThat(driver.topic).isEmpty();

        // When
        driver.checkDue(14);

        // Then
        assertThat(workload()).isEqualTo(REPLICA_SET);

        // When
        driver.onObject(15, controller(DEPLOYMENT, null, null));
        driver.onObject(15, controller(REPLICA_SET, "Deployment", "web"));

        // Then
        assertThat(workload()).isEqualTo(DEPLOYMENT);
    }

    @Test
    void workloadStaysWhileTheOwnersAreDeleted() {
        // Given
        driver.onObject(1, controller(DEPLOYMENT, null, null));
        driver.onObject(1, controller(REPLICA_SET, "Deployment", "web"));
        driver.onObject(3, web());
        driver.onDeleted(10, "uid-web");
        driver.onDeleted(10, "uid-web-1");

        // When
        driver.onObject(
                11,
                pod("web-1-x")
                        .controller("ReplicaSet", "web-1")
                        .started(2)
                        .addresses("10.0.0.1")
                        .finished(10)
                        .build());

        // Then
        assertThat(workload()).isEqualTo(DEPLOYMENT);
        assertThat(driver.owners("10.0.0.1").getFirst().getIdentity().getWorkload())
                .isEqualTo(DEPLOYMENT);
    }

    @Test
    void adoptionRenamesThePodsBelow() {
        // Given
        driver.onObject(1, controller(REPLICA_SET, null, null));
        driver.onObject(3, web());

        // When
        driver.onObject(5, controller(DEPLOYMENT, null, null));
        driver.onObject(5, controller(REPLICA_SET, "Deployment", "web"));

        // Then
        assertThat(workload()).isEqualTo(DEPLOYMENT);
        assertThat(driver.owners("10.0.0.1").getFirst().getIdentity().getWorkload())
                .isEqualTo(DEPLOYMENT);
    }

    @Test
    void circleOfOwnersEnds() {
        driver.onObject(1, controller(REPLICA_SET, "Deployment", "web"));
        driver.onObject(1, controller(DEPLOYMENT, "ReplicaSet", "web-1"));

        driver.onObject(3, web());

        assertThat(workload().getName()).startsWith("web");
    }

    @Test
    void podDeletedWhileItsOwnersWereLookedUpIsNotLost() {
        // Given
        driver.onObject(3, web());

        // When
        driver.onDeleted(5, "uid-web-1-x");

        // Then
        assertThat(driver.spans("10.0.0.1")).containsExactly("web-1-x 2..5");
        assertThat(workload()).isEqualTo(REPLICA_SET);
    }
}
