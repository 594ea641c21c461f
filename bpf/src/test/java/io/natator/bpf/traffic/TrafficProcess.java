package io.natator.bpf.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The main class of the process of a {@link TrafficPeer}. It reads one command per line, and writes one answer per
 * line.
 */
final class TrafficProcess {
    /**
     * The next client port. Ports are used one after the other, so that no two connections have the same addresses and
     * ports.
     */
    private static final int FIRST_CLIENT_PORT = 10_000;

    private final AtomicInteger nextClientPort = new AtomicInteger(FIRST_CLIENT_PORT);
    private final ConcurrentLinkedQueue<TrafficConnection> connections = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<ServerSocketChannel> servers = new ConcurrentLinkedQueue<>();
    private final Map<Long, TrafficConnection> held = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private TrafficProcess() {}

    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of("/proc/self/comm"), arguments[0]);
        TrafficProcess process = new TrafficProcess();
        System.out.println("ready");
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                System.out.println(process.answer(command.split(" ")));
            }
        }
        System.exit(0);
    }

    private String answer(String[] command) {
        try {
            return switch (command[0]) {
                case "listen" -> listen(command);
                case "backlog" -> {
                    server(command);
                    yield "ok";
                }
                case "connect" -> connect(command, ClosingMode.ENDING);
                case "orderly" -> connect(command, ClosingMode.ORDERLY);
                case "refused" -> connectRefused(command);
                case "hold" -> hold(command);
                case "more" -> {
                    connection(command[1]).sendMore(Integer.parseInt(command[2]));
                    yield "ok";
                }
                case "drop" -> {
                    connection(command[1]).close();
                    yield "ok";
                }
                case "results" -> results();
                default -> "unknown command";
            };
        } catch (Exception failure) {
            return "failed " + failure;
        }
    }

    private String listen(String[] command) throws IOException {
        ServerSocketChannel server = server(command);
        Future<?> _ = threads.submit(() -> {
            while (true) {
                SocketChannel accepted = server.accept();
                Future<?> _ = threads.submit(() -> {
                    TrafficConnection connection = TrafficConnection.accepted(accepted);
                    connections.add(connection);
                    connection.serve();
                    return null;
                });
            }
        });
        return "ok";
    }

    private ServerSocketChannel server(String[] command) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(family(command[1]));
        server.bind(address(command), 256);
        servers.add(server);
        return server;
    }

    private String connect(String[] command, List<ClosingMode> modes) throws Exception {
        InetSocketAddress address = address(command);
        long firstId = Long.parseLong(command[4]);
        int count = Integer.parseInt(command[5]);
        int parallel = Integer.parseInt(command[6]);
        long seed = Long.parseLong(command[7]);
        int maxBytes = Integer.parseInt(command[8]);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < parallel; thread++) {
            int first = thread;
            running.add(threads.submit(() -> {
                for (int index = first; index < count; index += parallel) {
                    Random random = new Random(seed + index);
                    ClosingMode mode = modes.get(random.nextInt(modes.size()));
                    open(command[1], address, firstId + index, mode, size(random, maxBytes), size(random, maxBytes))
                            .finish();
                }
                return null;
            }));
        }
        for (Future<?> future : running) {
            future.get();
        }
        return "ok";
    }

    private String connectRefused(String[] command) throws IOException {
        InetSocketAddress address = address(command);
        int refusals = 0;
        while (refusals < Integer.parseInt(command[4])) {
            try (SocketChannel channel = SocketChannel.open(family(command[1]))) {
                channel.connect(address);
                return "failed: it was accepted";
            } catch (ConnectException refused) {
                refusals++;
            }
        }
        return "ok";
    }

    private String hold(String[] command) throws Exception {
        long id = Long.parseLong(command[4]);
        TrafficConnection connection = open(
                command[1],
                address(command),
                id,
                ClosingMode.HELD,
                Integer.parseInt(command[5]),
                Integer.parseInt(command[6]));
        held.put(id, connection);
        connection.exchange();
        return "ok";
    }

    private TrafficConnection open(
            String family, InetSocketAddress address, long id, ClosingMode mode, int clientBytes, int serverBytes)
            throws IOException {
        SocketChannel channel = SocketChannel.open(family(family));
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(new InetSocketAddress(nextClientPort.getAndIncrement()));
        channel.connect(address);
        TrafficConnection connection = TrafficConnection.opened(channel, id, mode, clientBytes, serverBytes);
        connections.add(connection);
        return connection;
    }

    private TrafficConnection connection(String id) {
        TrafficConnection connection = held.get(Long.parseLong(id));
        if (connection == null) {
            throw new IllegalArgumentException("no connection " + id);
        }
        return connection;
    }

    private String results() {
        StringBuilder lines = new StringBuilder();
        for (TrafficConnection connection : connections) {
            lines.append(connection.result().line()).append('\n');
        }
        return lines + "end";
    }

    /**
     * Returns a random size. Each order of magnitude is equally likely, so that there are small and large connections.
     */
    private static int size(Random random, int maxBytes) {
        return 1 + (int) Math.pow(maxBytes, random.nextDouble());
    }

    private static ProtocolFamily family(String name) {
        return name.equals("4") ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static InetSocketAddress address(String[] command) throws IOException {
        InetAddress address = InetAddress.getByName(command[2]);
        if (command[1].equals("4") && !(address instanceof Inet4Address)) {
            throw new IOException(address + " is not an IPv4 address");
        }
        return new InetSocketAddress(address, Integer.parseInt(command[3]));
    }
}
