package io.natator.local;

import io.natator.http.command.CommandContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

class LocalCommandTest extends CommandContract {
    @Override
    protected Run run(Map<String, String> environment, List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var started = new AtomicReference<List<Object>>();
        int code = new LocalMain(
                        options -> {
                            started.set(List.of(options.config(), options.rows()));
                            return 0;
                        },
                        new PrintWriter(out, true),
                        new PrintWriter(err, true))
                .run(arguments.toArray(String[]::new));
        return new Run(code, out.toString(), err.toString(), started.get());
    }
}
