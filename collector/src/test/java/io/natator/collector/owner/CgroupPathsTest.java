package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupPathsTest {
    private static final String CONTAINER = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String OUTER = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    private static final String POD = "4a0a7fd8-1f5e-4d7b-9a54-6a1b1c2d3e4f";
    private static final String POD_SYSTEMD = POD.replace('-', '_');
    private static final String STATIC_POD = "f5d1a7e4c3b2a190f5d1a7e4c3b2a190";

    /**
     * Paths of cgroups, and what the parser must find in them. In the paths, {C} stands for the container's id, {O} for
     * the id of an outer container, {P} for the pod's UID, {U} for the UID in the notation of systemd, {S} for the hash
     * of a static pod.
     */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "containerd systemd burstable,"
                + "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{U}.slice/cri-containerd-{C}.scope, C, P",
        "containerd systemd guaranteed, /kubepods.slice/kubepods-pod{U}.slice/cri-containerd-{C}.scope, C, P",
        "containerd cgroupfs, /kubepods/besteffort/pod{P}/{C}, C, P",
        "containerd cgroupfs guaranteed, /kubepods/pod{P}/{C}, C, P",
        "containerd mixed drivers v1, /system.slice/containerd.service/kubepods-burstable-pod{U}.slice:cri-containerd:{C}, C, P",
        "containerd with systemd inside, /kubepods.slice/kubepods-pod{U}.slice/cri-containerd-{C}.scope/init.scope, C, P",
        "containerd service inside,"
                + "/kubepods.slice/kubepods-pod{U}.slice/cri-containerd-{C}.scope/system.slice/nginx.service, C, P",
        "CRI-O systemd,"
                + "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{U}.slice/crio-{C}.scope, C, P",
        "CRI-O systemd with child, /kubepods.slice/kubepods-pod{U}.slice/crio-{C}.scope/container, C, P",
        "CRI-O cgroupfs, /kubepods/burstable/pod{P}/crio-{C}, C, P",
        "CRI-O conmon, /kubepods.slice/kubepods-pod{U}.slice/crio-conmon-{C}.scope, , P",
        "cri-dockerd systemd, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{U}.slice/docker-{C}.scope, C, P",
        "cri-dockerd cgroupfs, /kubepods/burstable/pod{P}/{C}, C, P",
        "static pod systemd, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{S}.slice/cri-containerd-{C}.scope,"
                + " C, S",
        "static pod cgroupfs, /kubepods/burstable/pod{S}/{C}, C, S",
        "pod level, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{U}.slice, , P",
        "kind cgroupfs, /docker/{O}/kubelet/kubepods/burstable/pod{P}/{C}, C, P",
        "kind systemd,"
                + "/system.slice/docker-{O}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{U}.slice/"
                + "cri-containerd-{C}.scope, C, P",
        "k3s nested, /kubepods/pod{P}/{O}/docker/{C}, C, P",
        "another pod's UID inside, /kubepods/pod{P}/{O}/kubepods/pod{S}/{C}, C, P",
        "Docker systemd, /system.slice/docker-{C}.scope, C, ",
        "Docker cgroupfs, /docker/{C}, C, ",
        "Docker in Docker, /docker/{O}/docker/{C}, C, ",
        "Podman root, /machine.slice/libpod-{C}.scope/container, C, ",
        "Podman rootless, /user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{C}.scope, C, ",
        "Podman conmon, /machine.slice/libpod-conmon-{C}.scope, , ",
        "nerdctl, /system.slice/nerdctl-{C}.scope, C, ",
        "containerd plain, /default/{C}, C, ",
        "ECS, /ecs/0123456789abcdef0123456789abcdef/{C}, C, ",
        "service, /system.slice/sshd.service, , ",
        "session, /user.slice/user-1000.slice/session-3.scope, , ",
        "root, /, , ",
        "empty, '', , ",
        "short id, /docker/0123456789ab, , ",
        "no pod, /kubepods.slice/kubepods-burstable.slice, , ",
        "a name that begins like a pod, /system.slice/podman.service, , ",
    })
    void parsesTheFormsOfEveryRuntime(String name, String path, @Nullable String container, @Nullable String pod) {
        // Given
        String real = path.replace("{C}", CONTAINER)
                .replace("{O}", OUTER)
                .replace("{P}", POD)
                .replace("{U}", POD_SYSTEMD)
                .replace("{S}", STATIC_POD);
        // When
        ContainerRef found = CgroupPaths.parse(real);
        // Then
        assertThat(found.containerId()).as(real).isEqualTo(container == null ? null : CONTAINER);
        assertThat(found.podUid()).as(real).isEqualTo(pod == null ? null : pod.equals("S") ? STATIC_POD : POD);
    }
}
