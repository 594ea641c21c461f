package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.NameKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramNamesTest {
    @TempDir
    private Path directory;

    private static OwnerName name(String commandLine) {
        return ProgramNames.of(List.of(commandLine.split(" ")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java -Xmx1g -Dpassword=secret -cp /opt/a.jar:/opt/b.jar org.shop.Billing --key secret | Billing",
                "/usr/lib/jvm/bin/java -classpath @opt kafka.Kafka server.properties | Kafka",
                "java -javaagent:/opt/agent.jar=token=secret -jar /opt/shop/billing-1.2.jar --key=secret | billing-1.2.jar",
                "java --enable-preview --add-modules jdk.httpserver -m org.shop.billing/org.shop.Main secret | org.shop.billing",
                "java --module=org.shop.billing/org.shop.Main | org.shop.billing",
                "java --module-path=/opt --module org.shop.billing | org.shop.billing",
                "java --source 25 /opt/Tool.java secret | Tool.java",
                "java @jvm.options -cp /opt/lib/* org.shop.Billing | Billing",
                "java @jvm.options -jar /opt/billing.jar secret | billing.jar",
                "python /srv/app.py --token secret | app.py",
                "/usr/bin/python3.13 -u -W ignore -X utf8 -m gunicorn.app --key secret | gunicorn.app",
                "python3 -OOm http.server 8000 | http.server",
                "python3.14t -Wignore /usr/bin/celery worker | celery",
                "node /srv/server.js --token=secret | server.js",
                "node -r dotenv/config --env-file secrets.env --max-old-space-size=512 dist/main | main",
                "nodejs --inspect app.mjs secret | app.mjs",
            })
    void namesTheProgramOfAnInterpreter(String commandLine, String expected) {
        // When
        OwnerName name = name(commandLine);
        // Then
        assertThat(name).isEqualTo(new OwnerName(expected, NameKind.PROCESS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "curl https://user:secret@example.org",
                "javac secret",
                "java",
                "java -jar",
                "java @options secret",
                "java @options -m secret",
                "java @options -jar secret",
                "java -cp a.jar https://user:secret@example.org",
                "java --an-unknown-option secret",
                "python",
                "python -",
                "python -c print('secret')",
                "python -m secret-value",
                "python --an-unknown-option secret",
                "node",
                "node -e secret",
                "node --print secret",
                "node --an-unknown-option secret",
                "node --title secret app.mjs",
                "node --an-unknown-option=value -p secret",
            })
    void usesTheCommandIfItIsNotCertainWhatAnArgumentIs(String commandLine) {
        // When
        OwnerName name = name(commandLine);
        // Then
        assertThat(name).isEqualTo(OwnerName.COMMAND);
    }

    @Test
    void doesNotUseTheIncompleteLastArgumentOfALongCommandLine() throws IOException {
        // Given
        String path = "java\0-cp\0" + "x".repeat(256 * 1024 - "java\0-cp\0\0Bil".length());
        Path complete = Files.writeString(directory.resolve("complete"), "java\0-cp\0x\0Billing\0");
        Path tooLong = Files.writeString(directory.resolve("long"), path + "\0Billing\0");
        // When
        OwnerName name = ProgramNames.of(complete);
        OwnerName ofLong = ProgramNames.of(tooLong);
        // Then
        assertThat(name.name()).isEqualTo("Billing");
        assertThat(ofLong).isEqualTo(OwnerName.COMMAND);
    }

    @Test
    void doesNotUseNamesThatCannotBeShown() {
        // When
        OwnerName tooLong = name("python /srv/" + "x".repeat(300));
        OwnerName lines = name("python /srv/a\nb");
        OwnerName reversed = name("python /srv/a\u202eb.py");
        // Then
        assertThat(List.of(tooLong, lines, reversed)).containsOnly(OwnerName.COMMAND);
    }

    @ParameterizedTest
    @CsvSource({"java, Billing", "MainThread, Billing", "gunicorn: master, ''", "billing.py, ''"})
    void processThatHasNamedItselfKeepsItsCommand(String command, String expected) throws IOException {
        // Given
        Path cmdline = Files.writeString(directory.resolve("cmdline"), "java\0-cp\0x\0Billing\0");
        Files.writeString(directory.resolve("comm"), command + "\n");
        // When
        OwnerName name = ProgramNames.of(cmdline);
        // Then
        assertThat(name.name()).isEqualTo(expected);
    }

    @Test
    void usesTheCommandOfAnEndedProcess() {
        // When
        OwnerName name = ProgramNames.of(directory.resolve("missing"));
        // Then
        assertThat(name).isEqualTo(OwnerName.COMMAND);
    }
}
