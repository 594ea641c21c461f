package io.natator.local;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class LocalVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = LocalVersion.class.getPackage().getImplementationVersion();
        return new String[] {"natator " + Objects.requireNonNullElse(version, "(development build)")};
    }
}
