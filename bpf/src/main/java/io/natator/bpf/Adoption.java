package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfIterator;
import io.natator.bpf.libbpf.BpfObject;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in the sockets that were open before the programs were attached. Each step finds what the one before cannot: the
 * first knows the process, the second sees sockets that no process holds. A socket that neither finds is still counted
 * exactly at its close.
 */
final class Adoption {
    private static final Logger log = LoggerFactory.getLogger(Adoption.class);

    private Adoption() {}

    /** @param everyNamespace whether we may enter other network namespaces (CAP_SYS_ADMIN) */
    static void run(BpfObject object, boolean everyNamespace) {
        try (BpfIterator owned = object.attachIterator("adopt_owned")) {
            owned.run();
        }
        try (BpfIterator all = object.attachIterator("adopt_all")) {
            if (everyNamespace) {
                NetworkNamespaces.all().forEach(namespace -> adoptWithin(namespace, all));
            } else {
                log.atInfo()
                        .addKeyValue("missing", "CAP_SYS_ADMIN")
                        .log("Open sockets without a process are adopted in our own network namespace only");
                all.run();
            }
        }
    }

    private static void adoptWithin(Path namespace, BpfIterator sockets) {
        try {
            NetworkNamespaces.within(namespace, sockets::run);
        } catch (BpfException failure) {
            log.atDebug()
                    .addKeyValue("namespace", namespace)
                    .setCause(failure)
                    .log("Open sockets of a network namespace not adopted");
        }
    }
}
