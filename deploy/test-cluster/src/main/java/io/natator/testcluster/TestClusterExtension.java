package io.natator.testcluster;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link TestCluster} as a parameter: one for all tests of a run, so each keeps to namespaces of its own and
 * leaves every component running. A test that needs flags of its own, or breaks things that others use, starts its own.
 *
 * <p>Where Go is missing, tests that need a cluster are skipped with one line that says so; where the environment variable
 * {@code CI} is set, they fail.
 */
public final class TestClusterExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace SHARED =
            ExtensionContext.Namespace.create(TestClusterExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        requireGo();
    }

    /** Skips the test where the programs of the cluster cannot be built; fails it where {@code CI} is set. */
    public static void requireGo() {
        Optional<String> missing = whatIsMissing();
        if (missing.isPresent() && System.getenv("CI") != null) {
            throw new IllegalStateException(missing.get());
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    }

    private static Optional<String> whatIsMissing() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (java.nio.file.Files.isExecutable(java.nio.file.Path.of(folder, "go"))) {
                return Optional.empty();
            }
        }
        return Optional.of("tests on a real control plane need Go to build it: install Go 1.26 or newer");
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
