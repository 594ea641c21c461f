package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ObjectRef;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pods whose owners could not be read at first. */
class ImprovingNamesTest {
    private static final ObjectRef REPLICA_SET = new ObjectRef("ReplicaSet", "shop", "web-1");
    private static final ObjectRef DEPLOYMENT = new ObjectRef("Deployment", "shop", "web");
    private static final ObjectRef APPLICATION = new ObjectRef("Application", "shop", "shop-app");
    private static final double AGAIN = OwnerLookups.AGAIN_AFTER.toSeconds();

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
        driver.observe(
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
        return driver.model.wantedControllers().stream()
                .map(wanted -> wanted.reference().name())
                .toList();
    }

    private void unreadable(double seconds, String uid) {
        driver.model.unreadable(uid, at(seconds));
        driver.drain(seconds);
    }

    @Test
    void nameImprovesWithEachKindThatBecomesReadable() {
        // Given
        observeWeb(3, "web-1-x");
        unreadable(4, "uid-web-1");
        assertThat(workload()).isEqualTo(REPLICA_SET);

        // When
        driver.observe(5, controller(REPLICA_SET, DEPLOYMENT));

        // Then
        assertThat(workload()).isEqualTo(DEPLOYMENT);

        // When
        unreadable(6, "uid-web");
        driver.observe(7, controller(DEPLOYMENT, APPLICATION));

        // Then
        assertThat(workload()).isEqualTo(APPLICATION);
        assertThat(driver.spans("10.0.0.1")).containsExactly("web-1-x 2..");
    }

    @Test
    void nameNeverGetsWorseWhenAKindIsNoLongerReadable() {
        // Given
        driver.observe(1, controller(DEPLOYMENT, null));
        driver.observe(1, controller(REPLICA_SET, DEPLOYMENT));
        observeWeb(3, "web-1-x");
        ModelDriver next = driver.restarted();

        // When
        next.observe(
                10,
                pod("web-1-x")
                        .controller("ReplicaSet", "web-1")
                        .started(2)
                        .addresses("10.0.0.1")
                        .build());
        next.model.unreadable("uid-web-1", at(11));
        next.drain(11);

        // Then
        assertThat(next.identity("pod/uid-web-1-x").getWorkload()).isEqualTo(DEPLOYMENT);
    }

    @Test
    void ownerThatCannotBeReadIsAskedForAgainLater() {
        // Given
        observeWeb(3, "web-1-x");
        assertThat(wanted()).containsExactly("web-1");
        unreadable(4, "uid-web-1");

        // When
        driver.expire(4 + AGAIN - 1);

        // Then
        assertThat(wanted()).isEmpty();

        // When
        driver.expire(4 + AGAIN);

        // Then
        assertThat(wanted()).containsExactly("web-1");
        assertThat(driver.model.size().heldBack()).isZero();

        // When
        driver.model.found(controller(REPLICA_SET, null), at(5 + AGAIN));
        driver.model.found(controller(REPLICA_SET, DEPLOYMENT), at(6 + AGAIN));
        driver.expire(5 + 2 * AGAIN);

        // Then
        assertThat(wanted()).isEmpty();
    }

    @Test
    void ownerThatDoesNotExistIsNotAskedForAgain() {
        // Given
        observeWeb(3, "web-1-x");
        assertThat(wanted()).containsExactly("web-1");

        // When
        driver.model.absent("uid-web-1", at(4));
        driver.expire(5 + AGAIN);

        // Then
        assertThat(wanted()).isEmpty();
        assertThat(workload()).isEqualTo(REPLICA_SET);
    }

    @Test
    void ownerThatNoPodWaitsForIsNotAskedForAgain() {
        // Given
        observeWeb(3, "web-1-x");
        assertThat(wanted()).containsExactly("web-1");
        unreadable(4, "uid-web-1");

        // When
        driver.gone(5, "uid-web-1-x");
        driver.expire(5 + AGAIN);

        // Then
        assertThat(wanted()).isEmpty();
    }

    @Test
    void ownersAreAskedForAgainABoundedNumberAtATime() {
        // Given
        int owners = OwnerLookups.AGAIN_AT_ONCE + 20;
        for (int i = 0; i < owners; i++) {
            driver.observe(3, pod("p" + i).controller("ReplicaSet", "set-" + i).build());
        }
        assertThat(wanted()).hasSize(owners);
        for (int i = 0; i < owners; i++) {
            unreadable(4, "uid-set-" + i);
        }

        // When
        driver.expire(5 + AGAIN);

        // Then
        assertThat(wanted()).hasSize(OwnerLookups.AGAIN_AT_ONCE);

        // When
        driver.expire(6 + AGAIN);

        // Then
        assertThat(wanted()).hasSize(20);
    }
}
