package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PodOwnershipTest {
    private static final String ADDRESS = "10.0.0.7";

    private ModelDriver driver = new ModelDriver();

    @Test
    void podOwnsItsAddressesFromItsStart() {
        driver.onObject(
                5.5,
                pod("web").addresses(ADDRESS, "fd00::7").started(3).running(4).build());

        assertThat(driver.spans(ADDRESS)).containsExactly("web 3..");
        assertThat(driver.spans("fd00::7")).containsExactly("web 3..");
        assertThat(driver.topic).containsKey("pod/uid-web");
    }

    @Test
    void addressReportedLaterStillBelongsToThePodFromItsStart() {
        // Given
        driver.onObject(3.1, pod("web").started(3).build());

        // When
        driver.onObject(6.2, pod("web").started(3).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 3..");
    }

    @Test
    void spanStartsAtTheCreationOrTheReportIfThereIsNoStartTime() {
        driver.onObject(9, pod("created").created(2).addresses("10.0.0.1").build());
        driver.onObject(9, pod("bare").addresses("10.0.0.2").build());

        assertThat(driver.spans("10.0.0.1")).containsExactly("created 2..");
        assertThat(driver.spans("10.0.0.2")).containsExactly("bare 9..");
    }

    @Test
    void completedPodReleasesItsAddressAtTheEndOfItsContainers() {
        // Given
        driver.onObject(3, pod("job").addresses(ADDRESS).started(2).build());

        // When
        driver.onObject(
                11.5, pod("job").addresses(ADDRESS).started(2).finished(9).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("job 2..10");
    }

    @Test
    void endWithinTheSecondIsTheMomentOfItsObservation() {
        // Given
        driver.onObject(3, pod("job").addresses(ADDRESS).started(2).build());

        // When
        driver.onObject(
                9.4, pod("job").addresses(ADDRESS).started(2).finished(9).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("job 2..9.4");
    }

    @Test
    void completedPodThatStillShowsItsAddressDoesNotReclaimIt() {
        // Given
        driver.onObject(3, pod("job").addresses(ADDRESS).started(2).build());
        driver.onObject(9, pod("job").addresses(ADDRESS).started(2).finished(8).build());
        driver.onObject(9.5, pod("web").started(9).addresses(ADDRESS).build());

        // When
        driver.onObject(30, pod("job").addresses(ADDRESS).started(2).finished(8).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("job 2..9", "web 9..");
    }

    @Test
    void podFirstObservedAfterItsEndIsInTheHistory() {
        driver.onObject(
                60,
                pod("job").addresses(ADDRESS).started(2).running(3).finished(8).build());

        assertThat(driver.spans(ADDRESS)).containsExactly("job 2..9");
    }

    @Test
    void podFirstObservedAfterAnUnknownEndIsNotInTheHistory() {
        driver.onObject(60, pod("job").addresses(ADDRESS).started(2).finished().build());

        assertThat(driver.spans(ADDRESS)).isEmpty();
    }

    @Test
    void deletedPodOwnsItsAddressUntilTheDeletionIsObserved() {
        // Given
        driver.onObject(3, pod("web").addresses(ADDRESS).started(2).build());

        // When
        driver.onDeleted(7.25, "uid-web");

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 2..7.25");
    }

    @Test
    void successorStartsAtTheEndOfItsPredecessor() {
        // Given a pod that waited for its sandbox while another pod still had the address
        driver.onObject(3, pod("old").addresses(ADDRESS).started(2).running(2).build());
        driver.onObject(6, pod("new").started(5).build());
        driver.onObject(
                10.3,
                pod("old").addresses(ADDRESS).started(2).running(2).finished(10).build());

        // When
        driver.onObject(
                11.6, pod("new").started(5).running(11).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("old 2..10.3", "new 10.3..");
    }

    @Test
    void successorObservedBeforeThePredecessorsEndStartsWhenItRan() {
        // Given
        driver.onObject(3, pod("old").addresses(ADDRESS).started(2).running(2).build());
        driver.onObject(6, pod("new").started(5).build());

        // When
        driver.onObject(
                11.6, pod("new").started(5).running(11).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("old 2..11", "new 11..");

        // When the end of the old pod is reported late
        driver.onObject(
                14,
                pod("old").addresses(ADDRESS).started(2).running(2).finished(9).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("old 2..10", "new 10..");
    }

    @Test
    void podThatStartedFirstButWaitedForItsSandboxComesSecond() {
        // Given
        driver.onObject(2, pod("slow").started(1).build());
        driver.onObject(5, pod("quick").started(4).running(4).addresses(ADDRESS).build());
        driver.onObject(
                8.5,
                pod("quick")
                        .started(4)
                        .running(4)
                        .addresses(ADDRESS)
                        .finished(8)
                        .build());

        // When
        driver.onObject(
                12, pod("slow").started(1).running(11).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("quick 4..8.5", "slow 8.5..");
    }

    @Test
    void runningPodWithoutAnAcquisitionTimeFollowsEndedPods() {
        // Given
        driver.onObject(3, pod("old").started(1).build());
        driver.onObject(4, pod("old").started(1).addresses(ADDRESS).build());
        driver.onObject(
                9.5, pod("old").started(1).addresses(ADDRESS).finished(9).build());

        // When
        driver.onObject(60, pod("new").started(1).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("old 1..9.5", "new 9.5..");

        // When
        driver.onDeleted(70, "uid-new");

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("old 1..9.5", "new 9.5..70");
    }

    @Test
    void twoRunningPodsWithOneAddressAreOrderedByTheirStart() {
        // Given both pods are in one list, the later pod first
        driver.onObject(60, pod("later").started(20).addresses(ADDRESS).build());

        // When
        driver.onObject(60, pod("earlier").started(10).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("earlier 10..20", "later 20..");
    }

    @Test
    void hostNetworkPodHasAnIdentityButNoAddress() {
        driver.onObject(3, pod("agent").onHostNetwork().addresses("192.168.0.1").build());

        assertThat(driver.spans("192.168.0.1")).isEmpty();
        assertThat(driver.identity("pod/uid-agent").getHostNetwork()).isTrue();
    }

    @Test
    void podNeverOwnsTheAddressOfANode() {
        // Given
        driver.onObject(3, pod("odd").started(2).addresses("192.168.0.1").build());

        // When
        driver.onObject(4, NodeAndServiceOwnershipTest.node("node-1", "", "192.168.0.1"));

        // Then
        assertThat(driver.spans("192.168.0.1")).containsExactly("node-1 0..");
    }

    @Test
    void newSandboxWithAnotherAddressReleasesTheOldOne() {
        // Given
        driver.onObject(3, pod("web").addresses(ADDRESS).started(2).running(2).build());

        // When
        driver.onObject(
                50.5, pod("web").addresses("10.0.0.8").started(2).running(2).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 2..50.5");
        assertThat(driver.spans("10.0.0.8")).containsExactly("web 50.5..");
    }

    @Test
    void emptyStatusEndsTheSpan() {
        // Given
        driver.onObject(3, pod("web").addresses(ADDRESS).started(2).build());

        // When
        driver.onObject(8, pod("web").build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 2..8");
    }

    @Test
    void unchangedPodWritesNothing() {
        // Given
        driver.onObject(3, pod("web").addresses(ADDRESS).started(2).build());
        int before = driver.written;

        // When
        driver.onObject(9, pod("web").addresses(ADDRESS).started(2).running(4).build());

        // Then
        assertThat(driver.written).isEqualTo(before);
    }

    @Test
    void historyRetainsTheNewestSpans() {
        // Given
        driver = new ModelDriver(new Limits(3, Duration.ofHours(24), Duration.ofHours(1), Duration.ofSeconds(10)));

        // When
        for (int i = 0; i < 10; i++) {
            driver.onObject(
                    100 * i, pod("p" + i).started(100 * i).addresses(ADDRESS).build());
            driver.onDeleted(100 * i + 50, "uid-p" + i);
        }

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("p7 700..750", "p8 800..850", "p9 900..950");
        assertThat(driver.knownSince(ADDRESS)).isEqualTo(at(700));
        assertThat(driver.model.size().histories().deepest()).isEqualTo(3);
        assertThat(driver.model.size().histories().forgotten()).isEqualTo(7);
        assertThat(driver.restarted().knownSince(ADDRESS)).isEqualTo(at(700));
    }

    @Test
    void historyRetainsMoreSpansOfTheLastMinute() {
        // Given
        driver = new ModelDriver(new Limits(3, Duration.ofHours(24), Duration.ofHours(1), Duration.ofSeconds(10)));

        // When
        for (int i = 0; i < 20; i++) {
            driver.onObject(
                    10 * i, pod("p" + i).started(10 * i).addresses(ADDRESS).build());
            driver.onDeleted(10 * i + 5, "uid-p" + i);
        }

        // Then
        assertThat(driver.spans(ADDRESS))
                .containsExactly(
                        "p14 140..145", "p15 150..155", "p16 160..165", "p17 170..175", "p18 180..185", "p19 190..195");

        // When
        for (int i = 0; i < 20; i++) {
            driver.onObject(
                    200 + i, pod("q" + i).started(200 + i).addresses(ADDRESS).build());
            driver.onDeleted(200.5 + i, "uid-q" + i);
        }

        // Then
        assertThat(driver.spans(ADDRESS)).hasSize(12).first().isEqualTo("q8 208..208.5");
        assertThat(driver.knownSince(ADDRESS)).isEqualTo(at(208));
    }

    @Test
    void addressIsDeletedWhenItsWholeHistoryHasExpired() {
        // Given
        driver.onObject(0, pod("a").started(0).addresses(ADDRESS).build());
        driver.onDeleted(10, "uid-a");
        driver.onObject(20, pod("b").started(20).addresses(ADDRESS).build());
        driver.onDeleted(30, "uid-b");
        double day = Duration.ofHours(24).toSeconds();

        // When
        driver.checkDue(day + 20);

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("b 20..30");

        // When
        driver.checkDue(day + 31);

        // Then
        assertThat(driver.topic).doesNotContainKey("ip/" + ADDRESS);
        assertThat(driver.model.size().histories().addresses()).isZero();
    }

    @Test
    void identityOfADeletedPodIsDeletedAfterItsRetention() {
        // Given
        driver.onObject(0, pod("a").started(0).addresses(ADDRESS).build());
        driver.onDeleted(10, "uid-a");

        // When
        driver.checkDue(3600);

        // Then
        assertThat(driver.topic).containsKey("pod/uid-a");

        // When
        driver.checkDue(3611);

        // Then
        assertThat(driver.topic).doesNotContainKey("pod/uid-a");
    }

    @Test
    void podDeletedBetweenRunsOwnsItsAddressAsLongAsItWasFollowed() {
        // Given
        driver.onObject(0, pod("stays").started(0).addresses("10.0.0.1").build());
        driver.onObject(0, pod("goes").started(0).addresses(ADDRESS).build());
        driver.checkDue(40);
        ModelDriver next = driver.restarted();

        // When
        next.onObject(100, pod("stays").started(0).addresses("10.0.0.1").build());
        next.onListed(101);

        // Then
        // Another pod may have had the address since.
        assertThat(next.spans(ADDRESS)).containsExactly("goes 0..40");
        assertThat(next.spans("10.0.0.1")).containsExactly("stays 0..");
        assertThat(next.written).isEqualTo(1);

        // When
        next.checkDue(101 + 3601);

        // Then
        assertThat(next.topic).doesNotContainKey("pod/uid-goes").containsKey("pod/uid-stays");
    }

    @Test
    void addressReusedBetweenRunsChangesItsOwnerWhenTheSuccessorRan() {
        // Given
        driver.onObject(0, pod("goes").started(0).addresses(ADDRESS).build());
        driver.checkDue(40);
        ModelDriver next = driver.restarted();

        // When
        next.onObject(
                100, pod("comes").started(50).running(55).addresses(ADDRESS).build());
        next.onListed(101);

        // Then
        assertThat(next.spans(ADDRESS)).containsExactly("goes 0..40", "comes 50..");
    }

    @Test
    void podDeletedWhileNobodyWatchedOwnsItsAddressUntilItWasLastKnown() {
        // Given
        driver.onObject(0, pod("goes").started(0).addresses(ADDRESS).build());

        // When
        driver.onMissing(100, "uid-goes", 40);

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("goes 0..40");

        // When
        driver.onObject(
                101, pod("comes").started(90).running(95).addresses(ADDRESS).build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("goes 0..40", "comes 90..");
    }

    @Test
    void podThatWasNeverFollowedOwnsNothingAfterItsDeletion() {
        // Given
        driver.onObject(50, pod("goes").started(45).addresses(ADDRESS).build());

        // When
        driver.onMissing(100, "uid-goes", 40);

        // Then
        assertThat(driver.spans(ADDRESS)).isEmpty();
    }

    @Test
    void restoredHistoryIsNotRewritten() {
        // Given
        driver.onObject(0, pod("a").started(0).addresses(ADDRESS).build());
        driver.onObject(
                10.5, pod("a").started(0).addresses(ADDRESS).finished(10).build());
        ModelDriver next = driver.restarted();

        // When the finished pod still exists, and the next pod had started before that pod's end
        next.onObject(100, pod("a").started(0).addresses(ADDRESS).finished(10).build());
        next.onObject(100, pod("b").started(9).running(12).addresses(ADDRESS).build());
        next.onListed(101);

        // Then
        assertThat(next.spans(ADDRESS)).containsExactly("a 0..10.5", "b 10.5..");
    }

    @Test
    void restartAfterAChangeOfOwnersWritesNothing() {
        // Given
        driver.onObject(3, pod("old").addresses(ADDRESS).started(2).running(2).build());
        driver.onDeleted(10.5, "uid-old");
        driver.onObject(12, pod("new").started(9).running(11).addresses(ADDRESS).build());
        ModelDriver next = driver.restarted();

        // When
        next.onObject(100, pod("new").started(9).running(11).addresses(ADDRESS).build());
        next.onListed(101);

        // Then
        assertThat(next.spans(ADDRESS)).containsExactly("old 2..10.5", "new 10.5..");
        assertThat(next.written).isZero();
    }
}
