package dev.fathom.data.catalogue;

import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataException;
import dev.fathom.data.error.DownloadException;
import dev.fathom.data.error.UnreadableDataException;
import dev.fathom.data.file.Content;
import dev.fathom.data.file.Sha256;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Fetches the files of a named data set into the cache of a {@link DataHome}. This is the only
 * place in Fathom that uses the network, and it does so only when {@link #fetch} is called.
 *
 * <p>A file is written under a temporary name, checked against the SHA-256 of its decompressed
 * bytes, forced to the disk and renamed. So a file under its right name is whole and right, and an
 * interrupted or wrong download leaves nothing. Files that are there already are kept.
 */
public final class DataFetcher {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CHUNK = 1 << 16;
    private static final long LARGEST = 1L << 30;

    /** Hears how a download goes. */
    @FunctionalInterface
    public interface Progress {
        /**
         * So many bytes of {@code file} are here; {@code total} is -1 where the server does not
         * say.
         */
        void received(String file, long bytes, long total);
    }

    private final DataHome home;
    private final List<URI> mirrors;
    private final Progress progress;

    private DataFetcher(DataHome home, List<URI> mirrors, Progress progress) {
        this.home = home;
        this.mirrors = List.copyOf(mirrors);
        this.progress = progress;
    }

    /** A fetcher into the cache of {@code home} from the data sets' own servers. */
    public static DataFetcher of(DataHome home) {
        return new DataFetcher(home, List.of(), (_, _, _) -> {});
    }

    /**
     * The same from other servers: folders of files, each ending in {@code /}, tried in this order.
     */
    public DataFetcher withMirrors(List<URI> mirrors) {
        return new DataFetcher(home, mirrors, progress);
    }

    /** The same, telling {@code progress}. */
    public DataFetcher withProgress(Progress progress) {
        return new DataFetcher(home, mirrors, progress);
    }

    /**
     * Fetches what is missing of the data set {@code name} and says in which folder it is.
     *
     * @throws DownloadException if no server gave the right file; the message has each one's reason
     */
    public Path fetch(String name) {
        return fetch(
                Datasets.files(name)
                        .orElseThrow(() ->
                                new DownloadException(
                                        name
                                                + " ships with Fathom; there is nothing to"
                                                + " fetch")));
    }

    Path fetch(IdxSet set) {
        var folder = home.cache().resolve(set.name());
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UnreadableDataException("cannot make the folder " + folder + ": " + e, e);
        }
        try (var client =
                HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .connectTimeout(PATIENCE)
                        .build()) {
            for (var member : set.members()) {
                if (!isRight(folder.resolve(member.gzip()), member)) {
                    fetch(client, set, member, folder);
                }
            }
        }
        return folder;
    }

    private static boolean isRight(Path file, IdxSet.Member member) {
        try {
            return Files.exists(file) && sha256(file).equals(member.sha256());
        } catch (DataException damaged) {
            return false;
        }
    }

    private void fetch(HttpClient client, IdxSet set, IdxSet.Member member, Path folder) {
        var reasons = new ArrayList<String>();
        for (var mirror : mirrors.isEmpty() ? set.mirrors() : mirrors) {
            var address = mirror.resolve(member.gzip());
            try {
                download(client, address, member, folder);
                return;
            } catch (IOException | DataException e) {
                var message =
                        e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                reasons.add(address + ": " + message);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DownloadException("interrupted while fetching " + address, e);
            }
        }
        throw new DownloadException(
                set.name()
                        + " could not be fetched:\n  "
                        + String.join("\n  ", reasons)
                        + "\nIs this machine online? The four files can also be copied to "
                        + folder);
    }

    private void download(HttpClient client, URI address, IdxSet.Member member, Path folder)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (var body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("the server answered with status " + response.statusCode());
            }
            long total = response.headers().firstValueAsLong("content-length").orElse(-1);
            var partial = Files.createTempFile(folder, "." + member.gzip(), ".part");
            try {
                receive(body, partial, member.gzip(), total);
                var found = sha256(partial);
                if (!found.equals(member.sha256())) {
                    throw new ChecksumException(
                            "the file has the SHA-256 " + found + " and not " + member.sha256());
                }
                Files.move(
                        partial,
                        folder.resolve(member.gzip()),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
        }
    }

    private void receive(InputStream body, Path file, String name, long total) throws IOException {
        try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            var chunk = new byte[CHUNK];
            long received = 0;
            progress.received(name, 0, total);
            for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                var bytes = ByteBuffer.wrap(chunk, 0, n);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                received += n;
                if (received > LARGEST) {
                    throw new IOException("the server sends more than " + LARGEST + " bytes");
                }
                progress.received(name, received, total);
            }
            out.force(true);
        }
    }

    private static String sha256(Path file) {
        return Content.of(file)
                .read(in -> {
                    var digest = Sha256.digest();
                    var chunk = new byte[CHUNK];
                    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                        digest.update(chunk, 0, n);
                    }
                    return Sha256.hex(digest);
                });
    }
}
