package io.natator.enricher;

import io.natator.http.command.CommandContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

class EnricherCommandTest extends CommandContract {
    @Override
    protected Run run(Map<String, String> environment, List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var started = new AtomicReference<List<Object>>();
        int code = EnricherMain.commandLine(environment, (config, logging, errors) -> {
                    started.set(List.of(config, logging));
                    return 0;
                })
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new Run(code, out.toString(), err.toString(), started.get());
    }
}
