package dev.fathom.data.catalogue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Just enough of an HTTP server on this machine to fetch files from, well or badly. */
final class LoopbackServer implements AutoCloseable {
    private final ServerSocket socket;
    private final int status;
    private final boolean cuts;
    private final Function<String, byte[]> files;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    private LoopbackServer(int status, boolean cuts, Function<String, byte[]> files)
            throws IOException {
        this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.status = status;
        this.cuts = cuts;
        this.files = files;
        Thread.ofPlatform().daemon().name("loopback-server").start(this::serve);
    }

    /** Serves the file that {@code files} gives for a name without {@code .gz}. */
    static LoopbackServer of(Function<String, byte[]> files) throws IOException {
        return new LoopbackServer(200, false, files);
    }

    /** Answers everything with a status and no file. */
    static LoopbackServer answering(int status) throws IOException {
        return new LoopbackServer(status, false, _ -> new byte[0]);
    }

    /** Promises the whole file and closes the connection half way. */
    static LoopbackServer cutting(Function<String, byte[]> files) throws IOException {
        return new LoopbackServer(200, true, files);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    List<String> requests() {
        return requests;
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (var connection = socket.accept()) {
                answer(connection);
            } catch (IOException e) {
                // The client went away or the test is over; the loop's condition tells which.
            }
        }
    }

    private void answer(Socket connection) throws IOException {
        var in =
                new BufferedReader(
                        new InputStreamReader(
                                connection.getInputStream(), StandardCharsets.US_ASCII));
        var request = in.readLine();
        if (request == null) {
            return;
        }
        for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            // headers do not matter here
        }
        var file = request.split(" ")[1].substring(1);
        requests.add(file);
        var body = files.apply(file.replace(".gz", ""));
        var out = connection.getOutputStream();
        var head =
                "HTTP/1.1 "
                        + status
                        + " x\r\ncontent-length: "
                        + body.length
                        + "\r\nconnection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body, 0, cuts ? body.length / 2 : body.length);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
