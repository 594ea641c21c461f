package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ObjectRef;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests the names of pods whose controllers could not be read at first. */
class ImprovingNamesTest {
    private static final ObjectRef REPLICA_SET = new ObjectRef("ReplicaSet", "shop", "web-1");
    private static final ObjectRef DEPLOYMENT = new ObjectRef("Deployment", "shop", "web");
    private static final ObjectRef APPLICATION = new ObjectRef("Application", "shop", "shop-app");
    private static final double AGAIN = ControllerLookupSchedule.RETRY_AFTER.toSeconds();

    private final ModelDriver driver = new ModelDriver();

    private static ClusterObject.Controller controller(ObjectRef ref, @Nullable ObjectRef owner) {
        return new ClusterObject.Controller(
                "uid-" + ref.getName(),
                ref,
                owner == null
                        ? null
                        : new OwnerReference("apps/v1", owner.getKind(), owner.getName(), "uid-" + owner.getName()));
    }

    private void observeWeb(double seconds, String name) {
        driver.onObject(
                seconds,
                pod(name)
                        .controller("ReplicaSet", "web-1")
                        .started(2)
                        .addresses("10.0.0.1")
                        .build());
    }

    private ObjectRef workload() {
        ObjectRef ofAddress = driver.owners("10.0.0.1").getFirst().getIdentity().getWorkload();
        assertThat(driver.identity("pod/uid-web-1-x").getWorkload()).isEqualTo(ofAddress);
        return ofAddress;
    }

    private List<String> wanted() {
        return driver.model.drainRequests().stream()
                .map(wanted -> wanted.reference().name())
                .toList();
    }

    private void unreadable(double seconds, String uid) {
        driver.model.onControllerUnreadable(uid, at(seconds));
        driver.drain(seconds);
    }

    @Test
    void nameImprovesWithEachKindThatBecomesReadable() {
        // Given
        observeWeb(3, "web-1-x");
        unreadable(4, "uid-web-1");
        assertThat(workload()).isEqualTo(REPLICA_SET);

        // When
        driver.onObject(5, controller(REPLICA_SET, DEPLOYMENT));

        // Then
        assertThat(workload()).isEqualTo(DEPLOYMENT);

        // When
        unreadable(6, "uid-web");
        driver.onObject(7, controller(DEPLOYMENT, APPLICATION));

        // Then
        assertThat(workload()).isEqualTo(APPLICATION);
        assertThat(driver.spans("10.0.0.1")).containsExactly("web-1-x 2..");
    }

    @Test
    void nameStaysWhenAKindIsNoLongerReadable() {
        // Given
        driver.onObject(1, controller(DEPLOYMENT, null));
        driver.onObject(1, controller(REPLICA_SET, DEPLOYMENT));
        observeWeb(3, "web-1-x");
        ModelDriver next = driver.restarted();

        // When
        next.onObject(
                10,
                pod("web-1-x")
                        .controller("ReplicaSet", "web-1")
                        .started(2)
                        .addresses("10.0.0.1")
                        .build());
        next.model.onControllerUnreadable("uid-web-1", at(11));
        next.drain(11);

        // Then
        assertThat(next.identity("pod/uid-web-1-x").getWorkload()).isEqualTo(DEPLOYMENT);
    }

    @Test
    void unreadableOwnerIsRequestedAgainLater() {
        // Given
        observeWeb(3, "web-1-x");
        assertThat(wanted()).containsExactly("web-1");
        unreadable(4, "uid-web-1");

        // When
        driver.checkDue(4 + AGAIN - 1);

        // Then
        assertThat(wanted()).isEmpty();

        // When
        driver.checkDue(4 + AGAIN);

        // Then
        assertThat(wanted()).containsExactly("web-1");
        assertThat(driver.model.size().heldBack()).isZero();

        // When
        driver.model.onControllerFound(controller(REPLICA_SET, null), at(5 + AGAIN));
        driver.model.onControllerFound(controller(REPLICA_SET, DEPLOYMENT), at(6 + AGAIN));
        driver.checkDue(5 + 2 * AGAIN);

        // Then
        assertThat(wanted()).isEmpty();
    }

    @Test
    void absentOwnerIsNotRequestedAgain() {
        // Given
        observeWeb(3, "web-1-x");
        assertThat(wanted()).containsExactly("web-1");

        // When
        driver.model.onControllerAbsent("uid-web-1", at(4));
        driver.checkDue(5 + AGAIN);

        // Then
        assertThat(wanted()).isEmpty();
        assertThat(workload()).isEqualTo(REPLICA_SET);
    }

    @Test
    void unreadableOwnerIsNotRequestedAgainIfNoPodWaits() {
        // Given
        observeWeb(3, "web-1-x");
        assertThat(wanted()).containsExactly("web-1");
        unreadable(4, "uid-web-1");

        // When
        driver.onDeleted(5, "uid-web-1-x");
        driver.checkDue(5 + AGAIN);

        // Then
        assertThat(wanted()).isEmpty();
    }

    @Test
    void unreadableOwnersAreRequestedAgainInBatches() {
        // Given
        int owners = ControllerLookupSchedule.RETRIES_AT_ONCE + 20;
        for (int i = 0; i < owners; i++) {
            driver.onObject(3, pod("p" + i).controller("ReplicaSet", "set-" + i).build());
        }
        assertThat(wanted()).hasSize(owners);
        for (int i = 0; i < owners; i++) {
            unreadable(4, "uid-set-" + i);
        }

        // When
        driver.checkDue(5 + AGAIN);

        // Then
        assertThat(wanted()).hasSize(ControllerLookupSchedule.RETRIES_AT_ONCE);

        // When
        driver.checkDue(6 + AGAIN);

        // Then
        assertThat(wanted()).hasSize(20);
    }
}
