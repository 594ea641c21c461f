package io.natator.enricher;

import io.natator.http.command.CommandContract;
import java.util.List;
import java.util.Map;

class EnricherCommandTest extends CommandContract {
    @Override
    protected Run run(Map<String, String> environment, List<String> arguments) {
        return execute(
                started -> EnricherMain.commandLine(environment, (config, logging, errors) -> {
                    started.accept(List.of(config, logging));
                    return 0;
                }),
                arguments);
    }
}
