package io.natator.schemas;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates Natator's topics. */
public final class Topics {
    private Topics() {}

    /**
     * Creates the topics that do not exist yet. Partitions and settings of existing topics are not changed.
     *
     * @param partitions number of partitions of a topic that is created
     * @return the names of the topics that were created
     * @throws ExecutionException with the broker's reason as cause
     * @throws InterruptedException if interrupted while waiting for the broker
     */
    public static Set<String> createMissing(Admin admin, String prefix, Collection<Topic> topics, int partitions)
            throws ExecutionException, InterruptedException {
        Set<String> existing = admin.listTopics().names().get();
        List<NewTopic> missing = topics.stream()
                .filter(topic -> !existing.contains(topic.name(prefix)))
                .map(topic -> new NewTopic(topic.name(prefix), Optional.of(partitions), Optional.empty())
                        .configs(topic.config()))
                .toList();
        var created = new java.util.HashSet<String>();
        for (var entry : admin.createTopics(missing).values().entrySet()) {
            try {
                entry.getValue().get();
                created.add(entry.getKey());
            } catch (ExecutionException e) {
                // Another service has just created it.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
        return Set.copyOf(created);
    }
}
