// SPDX-License-Identifier: MIT

import java.io.*;
import java.net.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.*;
import java.util.stream.*;

/**
 * What a JVM does with the kernel: pages that are made unreadable to stop threads, SIGSEGV and SIGFPE that become
 * exceptions, signals that wake threads from sockets which others close, collections, children. It checks itself and
 * prints the same in every run. Arguments: folder, turns of collections, clients, children.
 */
public class Runtime {
    static int number;

    static class Node {
        int value;
        Node next;
    }

    /** Compiled code does not look whether it is null: it reads, and the signal tells. */
    static int valueOf(Node node) {
        return node.value;
    }

    static int depth(int level) {
        return depth(level + 1) + 1;
    }

    static void faults() {
        Node node = new Node();
        node.value = 1;
        long sum = 0;
        for (int i = 0; i < 200_000; i++) {
            sum += valueOf(node);
        }
        int caught = 0;
        for (int i = 0; i < 500; i++) {
            try {
                sum += valueOf(i % 5 == 0 ? node : null);
            } catch (NullPointerException error) {
                caught++;
            }
        }
        int zero = 0;
        for (int i = 0; i < 500; i++) {
            try {
                sum += 7 / (i % 2 * number);
            } catch (ArithmeticException error) {
                zero++;
            }
        }
        int overflows = 0;
        for (int i = 0; i < 5; i++) {
            try {
                depth(0);
            } catch (StackOverflowError error) {
                overflows++;
            }
        }
        System.out.println("faults " + sum + " " + caught + " " + zero + " " + overflows);
    }

    /** Threads that only compute are stopped by a page that they can suddenly not read. */
    static void collections(int turns) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        AtomicLong garbage = new AtomicLong();
        for (int i = 0; i < 4; i++) {
            boolean allocates = i % 2 == 0;
            Thread thread = new Thread(() -> {
                long sum = 0;
                while (!stop.get()) {
                    for (int k = 0; k < 1_000_000; k++) {
                        sum = sum * 31 + k;
                    }
                    for (int k = 0; allocates && k < 100; k++) {
                        sum += new byte[10_000].length;
                    }
                }
                garbage.addAndGet(sum | 1);
            });
            thread.start();
            threads.add(thread);
        }
        List<int[]> kept = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            int[] array = new int[1000];
            Arrays.fill(array, i);
            kept.add(array);
            System.gc();
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("collections " + kept.stream().mapToInt(array -> array[999]).sum());
    }

    static void waits() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Condition turn = lock.newCondition();
        int[] state = new int[1];
        Thread[] players = new Thread[2];
        for (int me = 0; me < 2; me++) {
            int mine = me;
            players[me] = new Thread(() -> {
                lock.lock();
                try {
                    while (state[0] < 1000) {
                        if (state[0] % 2 == mine) {
                            state[0]++;
                            turn.signal();
                        } else {
                            turn.awaitUninterruptibly();
                        }
                    }
                    turn.signal();
                } finally {
                    lock.unlock();
                }
            });
            players[me].start();
        }
        for (Thread player : players) {
            player.join();
        }
        long before = System.nanoTime();
        synchronized (lock) {
            lock.wait(30);
        }
        boolean waited = System.nanoTime() - before >= 29_000_000L;
        AtomicReference<String> how = new AtomicReference<>("");
        Thread sleeper = new Thread(() -> {
            try {
                Thread.sleep(600_000);
            } catch (InterruptedException error) {
                how.set("interrupted");
            }
        });
        sleeper.start();
        Thread.sleep(20);
        sleeper.interrupt();
        sleeper.join();
        ScheduledExecutorService timers = Executors.newScheduledThreadPool(3);
        List<ScheduledFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int value = i;
            futures.add(timers.schedule(() -> value, i * 37 % 100, TimeUnit.MILLISECONDS));
        }
        int sum = 0;
        for (Future<Integer> future : futures) {
            sum += future.get();
        }
        timers.shutdown();
        System.out.println("waits " + state[0] + " " + waited + " " + how.get() + " " + sum);
    }

    static void files(Path folder) throws Exception {
        Path file = folder.resolve("mapped");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
            MappedByteBuffer buffer = channel.map(FileChannel.MapMode.READ_WRITE, 0, 100_000);
            for (int i = 0; i < 100_000; i++) {
                buffer.put(i, (byte) i);
            }
            buffer.force();
            channel.truncate(65_536);
        }
        IntStream.range(0, 50).parallel().forEach(i -> {
            try {
                Files.writeString(folder.resolve("file" + i), "x".repeat(i * 100));
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        });
        long size = 0;
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.toList()) {
                size += Files.size(path);
            }
        }
        System.out.println("files " + size);
    }

    static void clients(int wanted) throws Exception {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        AtomicReference<String> end = new AtomicReference<>();
        Thread accepting = new Thread(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    new Thread(() -> {
                        try (socket) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        } catch (IOException error) {
                            end.set(error.toString());
                        }
                    }).start();
                }
            } catch (IOException error) {
                end.set(error.getMessage());
            }
        });
        accepting.start();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            byte[] data = new byte[30_000 + i];
            Arrays.fill(data, (byte) i);
            results.add(pool.submit(() -> {
                try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
                    socket.getOutputStream().write(data);
                    socket.shutdownOutput();
                    return Arrays.equals(socket.getInputStream().readAllBytes(), data);
                }
            }));
        }
        int right = 0;
        for (Future<Boolean> result : results) {
            right += result.get() ? 1 : 0;
        }
        pool.shutdown();
        // Another thread waits in accept: a signal has to wake it.
        server.close();
        accepting.join();
        System.out.println("clients " + right + ", then " + end.get());
        datagrams();
    }

    /** A selector, and a socket whose time is over. */
    static void datagrams() throws Exception {
        int received = 0;
        try (Selector selector = Selector.open(); DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            try (DatagramSocket sender = new DatagramSocket()) {
                for (int i = 0; i < 100; i++) {
                    sender.send(new DatagramPacket(new byte[i], i, channel.getLocalAddress()));
                    selector.select(60_000);
                    selector.selectedKeys().clear();
                    ByteBuffer buffer = ByteBuffer.allocate(1000);
                    channel.receive(buffer);
                    received += buffer.position();
                }
                sender.setSoTimeout(30);
                try {
                    sender.receive(new DatagramPacket(new byte[1], 1));
                } catch (SocketTimeoutException error) {
                    System.out.println("datagrams " + received + " " + error.getMessage() + " "
                            + selector.select(10));
                }
            }
        }
    }

    static void children(int wanted) throws Exception {
        int right = IntStream.range(0, wanted).parallel().map(i -> {
            try {
                Process process = new ProcessBuilder("/bin/sh", "-c", "cat; exit " + i % 3)
                        .redirectErrorStream(true).start();
                try (OutputStream input = process.getOutputStream()) {
                    input.write(("in" + i).getBytes());
                }
                String text = new String(process.getInputStream().readAllBytes());
                return process.waitFor() == i % 3 && text.equals("in" + i) ? 1 : 0;
            } catch (IOException | InterruptedException error) {
                System.out.println(error);
                return 0;
            }
        }).sum();
        Process sleeper = new ProcessBuilder("/bin/sleep", "600").start();
        boolean ended = sleeper.waitFor(50, TimeUnit.MILLISECONDS);
        sleeper.destroy();
        System.out.println("children " + right + " " + ended + " " + sleeper.waitFor());
        try {
            new ProcessBuilder("/nonexistent").start();
        } catch (IOException error) {
            System.out.println(error.getMessage());
        }
    }

    public static void main(String[] arguments) throws Exception {
        faults();
        collections(Integer.parseInt(arguments[1]));
        waits();
        files(Path.of(arguments[0]));
        clients(Integer.parseInt(arguments[2]));
        children(Integer.parseInt(arguments[3]));
        java.lang.Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shut down")));
        System.exit(3);
    }
}
