package io.natator.local;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.natator.bpf.traffic.ProxyProcess;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import java.nio.file.Path;

/**
 * Replaces the container runtime and the network of a cluster whose pods exist only in the API. The namespaces of a
 * {@link TestNetwork} have the pods' addresses, processes run in the pods' cgroups, and the router between the
 * namespaces forwards traffic of Services. Not thread-safe. {@link #close} ends the processes and removes all
 * namespaces and cgroups.
 */
public final class PodSandboxes implements AutoCloseable {
    private final TestNetwork network = TestNetwork.create();
    private final PodCgroups cgroups = new PodCgroups();

    /** The network namespaces. The router acts as the node of the client's pods. */
    public TestNetwork network() {
        return network;
    }

    /** Assigns the addresses of a pod to the client's namespace, and starts a process of the pod there. */
    public TrafficPeer startClient(Pod pod) {
        assign(network.client(), pod);
        return start(network.client(), uid(pod));
    }

    /** Assigns the addresses of a pod to the server's namespace, and starts a process of the pod there. */
    public TrafficPeer startServer(Pod pod) {
        assign(network.server(), pod);
        return start(network.server(), uid(pod));
    }

    /** Starts a process of a pod that uses the network of the client's node. */
    public TrafficPeer startOnHostNetwork(Pod pod) {
        return start(network.router(), uid(pod));
    }

    /**
     * Starts a process of a pod.
     *
     * @param podUid the UID that the kubelet uses, which is the hash of the manifest for a static pod
     */
    TrafficPeer start(String namespace, String podUid) {
        TrafficPeer peer = network.start(namespace, "app");
        cgroups.enter(podUid, peer.pid());
        return peer;
    }

    /** Starts a proxy as a further container of a pod, in any network namespace. */
    ProxyProcess startProxy(String namespace, Pod pod, String command) {
        ProxyProcess proxy = network.startProxy(namespace, command);
        cgroups.enter(uid(pod), proxy.pid());
        return proxy;
    }

    /** The cgroup of a pod that has a process. */
    Path cgroup(Pod pod) {
        return cgroups.directory(uid(pod));
    }

    private void assign(String namespace, Pod pod) {
        network.assign(namespace, ipv4(pod), ipv6(pod));
    }

    /** Forwards connections to a Service's addresses to the pod by DNAT and masquerading, as kube-proxy does. */
    public void forward(Service service, Pod pod) {
        var port = service.getSpec().getPorts().getFirst();
        int target = port.getTargetPort().getIntVal();
        network.translate(ipv4(service), port.getPort(), ipv4(pod), target);
        network.translate(ipv6(service), port.getPort(), ipv6(pod), target);
    }

    /** Like {@link #forward}, for connections to the Service's node port. */
    void forwardNodePort(String nodeAddress, Service service, Pod pod) {
        var port = service.getSpec().getPorts().getFirst();
        network.translate(
                nodeAddress, port.getNodePort(), ipv4(pod), port.getTargetPort().getIntVal());
    }

    public static String ipv4(Pod pod) {
        return pod.getStatus().getPodIPs().getFirst().getIp();
    }

    public static String ipv6(Pod pod) {
        return pod.getStatus().getPodIPs().getLast().getIp();
    }

    public static String ipv4(Service service) {
        return service.getSpec().getClusterIPs().getFirst();
    }

    public static String ipv6(Service service) {
        return service.getSpec().getClusterIPs().getLast();
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    @Override
    public void close() {
        network.close();
        cgroups.close();
    }
}
