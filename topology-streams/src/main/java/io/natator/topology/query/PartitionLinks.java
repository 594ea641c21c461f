package io.natator.topology.query;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.link.LinkReader.Link;
import io.natator.topology.link.LinkReader.PartitionTotals;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The links of one partition that match a query.
 *
 * @param number number of the partition
 * @param total number of links that match
 * @param links the matching links in the order of the query, at most as many as the query's limit
 */
record PartitionLinks(int number, int total, List<Link> links) {
    private static final AvroSerde<LinkKey> KEYS = NatatorSerdes.linkKey();
    private static final AvroSerde<LinkTotals> TOTALS = NatatorSerdes.linkTotals();

    /** Maximum length of a record in bytes. A longer record is not valid and is refused. */
    private static final int MAX_RECORD = 1 << 20;

    static PartitionLinks of(PartitionTotals partition, LinkQuery query) {
        List<Link> matching = partition.links().stream()
                .filter(link -> query.filter().test(link.key()))
                .toList();
        List<Link> first =
                matching.stream().sorted(query.order()).limit(query.limit()).toList();
        return new PartitionLinks(partition.number(), matching.size(), first);
    }

    /**
     * Writes partitions in the format that instances exchange. Numbers have 32 bits and are big-endian. A record is its
     * length, followed by Avro's single-object encoding.
     */
    static void write(List<PartitionLinks> partitions, DataOutputStream out) throws IOException {
        out.writeInt(partitions.size());
        for (PartitionLinks partition : partitions) {
            out.writeInt(partition.number());
            out.writeInt(partition.total());
            out.writeInt(partition.links().size());
            for (Link link : partition.links()) {
                writeRecord(KEYS.encode(link.key()), out);
                writeRecord(TOTALS.encode(link.totals()), out);
            }
        }
    }

    /** Reads partitions in the format that {@link #write} writes. */
    static List<PartitionLinks> read(DataInputStream in) throws IOException {
        List<PartitionLinks> partitions = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            int number = in.readInt();
            int total = in.readInt();
            List<Link> links = new ArrayList<>();
            for (int linksLeft = in.readInt(); linksLeft > 0; linksLeft--) {
                links.add(new Link(KEYS.decode(readRecord(in)), TOTALS.decode(readRecord(in))));
            }
            partitions.add(new PartitionLinks(number, total, links));
        }
        return partitions;
    }

    private static void writeRecord(byte[] record, DataOutputStream out) throws IOException {
        out.writeInt(record.length);
        out.write(record);
    }

    private static byte[] readRecord(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_RECORD) {
            throw new IOException("a record of " + length + " bytes");
        }
        byte[] record = new byte[length];
        in.readFully(record);
        return record;
    }
}
