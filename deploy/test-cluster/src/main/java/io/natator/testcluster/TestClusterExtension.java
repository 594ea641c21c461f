package io.natator.testcluster;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Passes a {@link TestCluster} to tests as a parameter. All tests of a run share the cluster. Therefore each test uses
 * different namespaces, and restarts the components that it kills. A test that needs other flags, or kills components
 * several times, starts another cluster.
 *
 * <p>Without Go, tests that need a cluster are skipped with one line that gives the reason. If the environment variable
 * {@code CI} is set, they fail.
 */
public final class TestClusterExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace SHARED =
            ExtensionContext.Namespace.create(TestClusterExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        requireGo();
    }

    /** Skips the test if the programs of the cluster cannot be built; fails it if {@code CI} is set. */
    public static void requireGo() {
        Optional<String> missing = missingTool();
        if (missing.isPresent() && System.getenv("CI") != null) {
            throw new IllegalStateException(missing.get());
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    }

    private static Optional<String> missingTool() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (java.nio.file.Files.isExecutable(java.nio.file.Path.of(folder, "go"))) {
                return Optional.empty();
            }
        }
        return Optional.of("tests with a real control plane need Go to build it: install Go 1.26 or newer");
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(SHARED)
                .computeIfAbsent(TestCluster.class, key -> TestCluster.start(), TestCluster.class);
    }
}
