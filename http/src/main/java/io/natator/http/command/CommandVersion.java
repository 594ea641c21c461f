package io.natator.http.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Provides the output of {@code --version}: the command's name and {@link Version#current()}. */
public final class CommandVersion implements IVersionProvider {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public String[] getVersion() {
        CommandSpec command = Objects.requireNonNull(spec, "set by picocli").root();
        return new String[] {command.name() + " " + Version.current()};
    }
}
