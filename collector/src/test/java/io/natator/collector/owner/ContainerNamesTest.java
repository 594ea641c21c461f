package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.NameKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerNamesTest {
    private static final String ID = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final OwnerName SHORT_ID = new OwnerName("abababababab", NameKind.CONTAINER);

    @TempDir
    private Path directory;

    private final AtomicLong now = new AtomicLong();

    private ContainerNames names() {
        return new ContainerNames(directory.resolve("docker"), directory.resolve("podman"), now::get);
    }

    private Path docker() throws IOException {
        return Files.createDirectories(directory.resolve("docker/containers/" + ID))
                .resolve("config.v2.json");
    }

    private Path podman(String file) throws IOException {
        return Files.createDirectories(directory.resolve("podman/overlay-containers"))
                .resolve(file);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/shop-web-1 | {} | CONTAINER | shop-web-1",
                "/shop_web.1.x5 | {'com.docker.swarm.service.name':'shop_web'} | CONTAINER | shop_web",
                "/ecs-shop-7-web-c0 | {'com.amazonaws.ecs.task-definition-family':'shop'} | TASK | shop",
                "/web-0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f | {} | TASK | web",
                "/x | {'com.hashicorp.nomad.task_name':'web','other':{'a':[1]}} | TASK | web",
            })
    void namesTheContainersOfDocker(String name, String labels, NameKind kind, String expected) throws IOException {
        // Given
        Files.writeString(
                docker(),
                "{'Args':['secret',{'Name':'no'}],'Config':{'Env':['KEY=secret'],'Labels':%s,'Cmd':null},'ID':'%s','Name':'%s'}"
                        .formatted(labels, ID, name)
                        .replace('\'', '"'));
        // When
        OwnerName found = names().name(ID);
        // Then
        assertThat(found).isEqualTo(new OwnerName(expected, kind));
    }

    @ParameterizedTest
    @ValueSource(strings = {"containers.json", "volatile-containers.json"})
    void namesTheContainersOfPodman(String file) throws IOException {
        // Given
        Files.writeString(
                podman(file),
                "[{'id':'%s','names':['no']},{'id':'%s','names':['shop-web','alias'],'metadata':'{}'}]"
                        .formatted(OTHER, ID)
                        .replace('\'', '"'));
        // When
        OwnerName found = names().name(ID);
        // Then
        assertThat(found).isEqualTo(new OwnerName("shop-web", NameKind.CONTAINER));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "7",
                "{\"ID\":\"other\",\"Name\":\"/no\"}",
                "{\"Name\":\"/no\"}",
                "{\"ID\":7,\"Name\":[]}",
                "[[{\"id\":\"a\"}]]"
            })
    void usesTheShortIdIfTheFilesDoNotContainTheContainer(String content) throws IOException {
        // Given
        Files.writeString(docker(), content);
        Files.writeString(podman("containers.json"), content);
        // When
        OwnerName found = names().name(ID);
        // Then
        assertThat(found).isEqualTo(SHORT_ID);
    }

    @Test
    void usesTheShortIdWithoutFiles() {
        // When
        OwnerName found = names().name(ID);
        // Then
        assertThat(found).isEqualTo(SHORT_ID);
    }

    @Test
    void readsAgainAfterAWhileAndRemembersAName() throws IOException {
        // Given
        ContainerNames names = names();
        assertThat(names.name(ID)).isEqualTo(SHORT_ID);
        Files.writeString(docker(), "{\"ID\":\"" + ID + "\",\"Name\":\"/web\"}");
        assertThat(names.name(ID)).isEqualTo(SHORT_ID);
        // When
        now.addAndGet(10_000_000_000L);
        OwnerName later = names.name(ID);
        Files.delete(docker());
        now.addAndGet(100_000_000_000L);
        // Then
        assertThat(later.name()).isEqualTo("web");
        assertThat(names.name(ID).name()).isEqualTo("web");
    }

    @Test
    void readsNoMoreThanEightMebibytes() throws IOException {
        // Given
        Files.writeString(
                docker(), "{\"x\":\"" + "y".repeat(8 * 1024 * 1024) + "\",\"ID\":\"" + ID + "\",\"Name\":\"/web\"}");
        // When
        OwnerName found = names().name(ID);
        // Then
        assertThat(found).isEqualTo(SHORT_ID);
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void opensNeitherPipesNorLinks() throws IOException {
        // Given
        Process mkfifo = new ProcessBuilder("mkfifo", docker().toString()).start();
        assertThat(mkfifo.onExit().join().exitValue()).isZero();
        Path target = Files.writeString(directory.resolve("file"), "[{\"id\":\"" + ID + "\",\"names\":[\"no\"]}]");
        Files.createSymbolicLink(podman("containers.json"), target);
        // When
        OwnerName found = names().name(ID);
        // Then
        assertThat(found).isEqualTo(SHORT_ID);
    }
}
