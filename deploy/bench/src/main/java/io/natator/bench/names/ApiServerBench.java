package io.natator.bench.names;

import io.natator.bench.BenchCommand;
import io.natator.bench.Machine;
import io.natator.bench.names.Disturbances.Disturbance;
import io.natator.bench.names.RequestLog.Request;
import io.natator.http.command.CommandVersion;
import io.natator.local.EmbeddedKafka;
import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/api-server}. */
@Command(
        name = "deploy/bench/api-server",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Measures the requests and bytes that the enrichers cause at the API server, and their memory.",
            "The control plane is real; nodes and pods exist in the API only (kwok). Two enrichers run as in pods, with"
                    + " the chart's rights, arguments and memory. Requests are counted from the API server's audit log and"
                    + " its metric apiserver_request_total, bytes from the TCP payload that it sends to the enrichers."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no unnecessary list, and memory within the chart's limit",
            "1:an unnecessary list, or more memory than the chart's limit",
            "2:wrong options"
        })
public final class ApiServerBench implements Callable<Integer> {
    private static final Duration REQUESTS_LOGGED = Duration.ofSeconds(2);
    private static final int OK = 200;
    private static final double MEBIBYTE = 1024 * 1024;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "200",
            description = "Nodes of the cluster, at most 250 (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--pods",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Pods of the cluster (default: ${DEFAULT-VALUE}).")
    private int pods;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "600",
            description = "Seconds of rollouts (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--pause",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Milliseconds between two rollouts (default: ${DEFAULT-VALUE}).")
    private int pause;

    private final List<String> problems = new ArrayList<>();

    ApiServerBench() {}

    /** Runs the benchmark. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        System.setProperty("logback.configurationFile", "logback-bench.xml");
        System.exit(BenchCommand.of(new ApiServerBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.println(Machine.description());
        Path folder = Files.createTempDirectory("natator-bench-api-server");
        Path policy = folder.resolve("audit-policy.yaml");
        try (InputStream resource = ApiServerBench.class.getResourceAsStream("/names/audit-policy.yaml")) {
            if (resource == null) {
                throw new IllegalStateException("the audit policy is missing");
            }
            Files.copy(resource, policy);
        }
        Path log = folder.resolve("audit.log");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
                TestCluster cluster = NamesRun.startCluster(
                        folder,
                        "--api-server-flag=--audit-policy-file=" + policy,
                        "--api-server-flag=--audit-log-path=" + log);
                var api = new KubernetesApi(cluster);
                var recorder = new Recorder(api)) {
            measure(folder, kafka, cluster, api, recorder, new RequestLog(log));
        } finally {
            Machine.delete(folder);
        }
        problems.forEach(problem -> System.out.println("WRONG  " + problem));
        row("wrong", Integer.toString(problems.size()));
        return problems.isEmpty() ? 0 : 1;
    }

    private void measure(
            Path folder, EmbeddedKafka kafka, TestCluster cluster, KubernetesApi api, Recorder recorder, RequestLog log)
            throws InterruptedException {
        CustomKinds.define(api);
        var chart = new EnricherChart(api.version());
        chart.install(api);
        recorder.start();
        new InitialCluster(api, nodes, pods).create();
        Waiting.until(
                "the pods' addresses",
                () -> recorder.existing(RecordedKind.POD).stream()
                        .noneMatch(pod -> pod.fields.lifetime().running() == null));
        row(
                "cluster",
                "%,d nodes, %,d pods, %,d Services"
                        .formatted(
                                recorder.existing(RecordedKind.NODE).size(),
                                recorder.existing(RecordedKind.POD).size(),
                                recorder.existing(RecordedKind.SERVICE).size()));
        try (var tokens = new ServiceAccountTokens(api, cluster, folder.resolve("account"), Duration.ofHours(1));
                var enrichers = new Enrichers(cluster, tokens.folder(), chart, kafka.bootstrapServers())) {
            Instant began = Instant.now();
            var _ = enrichers.start();
            var _ = enrichers.awaitLeader();
            row("first start", "ready after %.1f s".formatted(seconds(Duration.between(began, Instant.now()))));
            report("first start", enrichers, log, began, chart, 0);
            var _ = enrichers.start();
            Waiting.until(
                    "the other enricher to stand by",
                    () -> enrichers.all().stream().allMatch(pod -> pod.process().isReady()));
            rollOut(api, recorder, enrichers, log, chart);
            expire(cluster, api, chart, tokens, enrichers, log);
        }
    }

    private void rollOut(KubernetesApi api, Recorder recorder, Enrichers enrichers, RequestLog log, EnricherChart chart)
            throws InterruptedException {
        long bytes = received(enrichers);
        Map<String, Long> lists = ListMetrics.lists(api);
        long events = recorder.events();
        Instant began = Instant.now();
        var changes = new ClusterChanges(api, recorder, nodes, 1, Duration.ofMillis(pause), true);
        try (changes) {
            changes.start();
            Thread.sleep(Duration.ofSeconds(seconds));
        }
        Instant ended = Instant.now();
        row("rollouts", "%s in %d s, %,d events".formatted(changes.summary(), seconds, recorder.events() - events));
        row(
                "rollouts",
                "apiserver_request_total, lists of whole kinds by all clients: "
                        + ListMetrics.since(lists, ListMetrics.lists(api)));
        List<Request> requests = report("rollouts", enrichers, log, began, chart, bytes);
        requests.stream()
                .filter(request -> request.verb().equals("list") && request.at().isBefore(ended))
                .forEach(request -> problems.add("a list of " + request.resource() + " at " + request.at()
                        + ", although no version had expired"));
    }

    /** Lets all resource versions expire, and reports a problem if the enrichers then list a kind more than once. */
    private void expire(
            TestCluster cluster,
            KubernetesApi api,
            EnricherChart chart,
            ServiceAccountTokens tokens,
            Enrichers enrichers,
            RequestLog log)
            throws InterruptedException {
        long bytes = received(enrichers);
        Instant began = Instant.now();
        var _ = new Disturbances(cluster, api, chart, tokens, enrichers).cause(Disturbance.COMPACTION);
        Thread.sleep(Duration.ofSeconds(10));
        List<Request> requests = report("after 410", enrichers, log, began, chart, bytes);
        Map<String, Long> lists = requests.stream()
                .filter(request -> request.verb().equals("list") && request.status() == OK)
                .collect(Collectors.groupingBy(Request::resource, Collectors.counting()));
        lists.forEach((resource, number) -> {
            if (number > 1) {
                problems.add(number + " lists of " + resource + " after one 410");
            }
        });
    }

    private static long received(Enrichers enrichers) {
        return enrichers.all().stream().mapToLong(pod -> pod.proxy().received()).sum();
    }

    private List<Request> report(
            String what, Enrichers enrichers, RequestLog log, Instant from, EnricherChart chart, long bytesBefore)
            throws InterruptedException {
        Thread.sleep(REQUESTS_LOGGED);
        List<Request> requests = log.between(from, Instant.now());
        row(what, "%,d requests of the enrichers: %s".formatted(requests.size(), RequestLog.summary(requests)));
        row(what, "%.2f MiB from the API server".formatted((received(enrichers) - bytesBefore) / MEBIBYTE));
        double resident = enrichers.maximumResident();
        row(what, "%.0f MiB resident (maximum), limit %d MiB".formatted(resident, chart.memoryLimit()));
        if (resident > chart.memoryLimit()) {
            problems.add("%.0f MiB resident exceed the chart's limit".formatted(resident));
        }
        return requests;
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }

    private static void row(String what, String value) {
        System.out.printf("%-20s %s%n", what, value);
        System.out.flush();
    }
}
