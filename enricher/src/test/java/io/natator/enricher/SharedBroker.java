package io.natator.enricher;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Passes the same {@link TestBroker} to all tests of a run. Each test uses a different topic prefix. */
final class SharedBroker implements ParameterResolver {
    private static final ExtensionContext.Namespace SHARED = ExtensionContext.Namespace.create(SharedBroker.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(SHARED).computeIfAbsent(TestBroker.class, key -> start(), TestBroker.class);
    }

    private static TestBroker start() {
        try {
            return new TestBroker();
        } catch (Exception e) {
            throw new IllegalStateException("cannot start a broker", e);
        }
    }
}
