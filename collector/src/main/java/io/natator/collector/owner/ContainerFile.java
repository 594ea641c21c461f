package io.natator.collector.owner;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a runtime's file says about one container. Everything else in the file, such as the environment and the command
 * line, is skipped and not stored.
 *
 * <p>Docker has a file {@code config.v2.json} for each container: an object with {@code ID}, {@code Name}, which begins
 * with a slash, and {@code Config}, which has {@code Labels} (moby's daemon/container/container.go). Podman has a list
 * of objects with an id and all names of a container (containers.go in containers/storage).
 *
 * @param task name of the task that an orchestrator runs in the container; null if none does
 * @param service name of the Swarm service; null outside Docker Swarm
 */
record ContainerFile(
        String name, @Nullable String task, @Nullable String service) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Label of the ECS agent: the family of the task definition. A new revision has the same family. */
    private static final String ECS = "com.amazonaws.ecs.task-definition-family";

    /** Label of Nomad, if its configuration has {@code extra_labels}. */
    private static final String NOMAD = "com.hashicorp.nomad.task_name";

    private static final String SWARM = "com.docker.swarm.service.name";

    /**
     * Reads a file.
     *
     * @return null if the file does not contain the container
     * @throws IOException if the file cannot be read, or is no valid JSON
     */
    static @Nullable ContainerFile read(InputStream file, String containerId) throws IOException {
        try (JsonParser json = JSON.createParser(file)) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                return readObject(json, containerId);
            }
            while (json.currentToken() != null && json.nextToken() == JsonToken.START_OBJECT) {
                ContainerFile found = readObject(json, containerId);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
    }

    private static @Nullable ContainerFile readObject(JsonParser json, String containerId) throws IOException {
        String id = "";
        var container = new ContainerFile("", null, null);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String property = json.currentName();
            JsonToken value = json.nextToken();
            if (value == JsonToken.VALUE_STRING && property.equalsIgnoreCase("id")) {
                id = json.getText();
            } else if (value == JsonToken.VALUE_STRING && property.equals("Name")) {
                container = new ContainerFile(json.getText(), container.task, container.service);
            } else if (value == JsonToken.START_ARRAY && property.equals("names")) {
                container = new ContainerFile(firstText(json), container.task, container.service);
            } else if (value == JsonToken.START_OBJECT && property.equals("Config")) {
                container = readConfig(json, container);
            } else {
                json.skipChildren();
            }
        }
        return id.equals(containerId) ? container : null;
    }

    /** Reads an array up to its end, and returns its first text. */
    private static String firstText(JsonParser json) throws IOException {
        String first = "";
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (first.isEmpty() && json.currentToken() == JsonToken.VALUE_STRING) {
                first = json.getText();
            }
            json.skipChildren();
        }
        return first;
    }

    private static ContainerFile readConfig(JsonParser json, ContainerFile container) throws IOException {
        ContainerFile labelled = container;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String property = json.currentName();
            if (json.nextToken() == JsonToken.START_OBJECT && property.equals("Labels")) {
                labelled = readLabels(json, container);
            } else {
                json.skipChildren();
            }
        }
        return labelled;
    }

    private static ContainerFile readLabels(JsonParser json, ContainerFile container) throws IOException {
        String task = container.task;
        String service = container.service;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String label = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                json.skipChildren();
            } else if (label.equals(ECS) || (label.equals(NOMAD) && task == null)) {
                task = json.getText();
            } else if (label.equals(SWARM)) {
                service = json.getText();
            }
        }
        return new ContainerFile(container.name, task, service);
    }
}
