package io.natator.http.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The version in the manifest of the jar that the command's class is in. */
public final class CommandVersion implements IVersionProvider {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public String[] getVersion() {
        CommandSpec command = Objects.requireNonNull(spec, "set by picocli").root();
        Package home = command.userObject().getClass().getPackage();
        return new String[] {
            command.name() + " " + Objects.requireNonNullElse(home.getImplementationVersion(), "(development build)")
        };
    }
}
