package dev.fathom.io.file;

import dev.fathom.io.error.FileAccessException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/** Writing a file so that nobody, at no time, sees a part of it. */
public final class AtomicFile {
    private static final String SUFFIX = ".tmp";

    private AtomicFile() {}

    /** Writes the content. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything to {@code channel}. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Puts a new file in the place of {@code target}, whether there was one or not; missing folders
     * are made.
     *
     * @throws FileAccessException if the system refuses; {@code target} is then what it was before
     */
    public static void write(Path target, Content content) {
        var file = target.toAbsolutePath();
        var folder = Objects.requireNonNull(file.getParent(), "a file stands in a folder");
        // not Files.createTempFile, which makes files that only their owner may read
        var random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        var temporary = folder.resolve("." + file.getFileName() + "." + random + SUFFIX);
        boolean written = false;
        try {
            Files.createDirectories(folder);
            try (var channel =
                    FileChannel.open(
                            temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            rename(temporary, file);
            written = true;
            force(folder);
        } catch (FileSystemException e) {
            boolean ours = temporary.toString().equals(e.getFile());
            var cause = ours ? new IOException("no file can be made in " + folder, e) : e;
            throw new FileAccessException("write", target, cause);
        } catch (IOException e) {
            throw new FileAccessException("write", target, e);
        } finally {
            if (!written) {
                remove(temporary);
            }
        }
    }

    /** {@link #write(Path, Content)} of bytes. */
    public static void write(Path target, byte[] bytes) {
        write(target, channel -> writeAll(channel, ByteBuffer.wrap(bytes)));
    }

    /** {@link #write(Path, Content)} of text in UTF-8. */
    public static void write(Path target, String text) {
        write(target, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes all that remains in {@code bytes}. */
    public static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Removes what writers left behind in {@code folder} when their process was killed. To be
     * called only while nobody writes there.
     *
     * @param start how the names of the files they wrote begin
     */
    public static void removeLeftovers(Path folder, String start) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        var glob = "." + start.replaceAll("([\\\\*?\\[\\]{}])", "\\\\$1") + "*" + SUFFIX;
        try (var found = Files.newDirectoryStream(folder, glob)) {
            for (var leftover : found) {
                Files.deleteIfExists(leftover);
            }
        } catch (IOException e) {
            throw new FileAccessException("clean up", folder, e);
        } catch (DirectoryIteratorException e) {
            throw new FileAccessException("clean up", folder, new IOException(e));
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException _) {
            // some network file systems; the best there is
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Makes the renaming durable. Windows has no such thing: it refuses to open a folder. */
    private static void force(Path folder) {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException _) {
            // the file itself is on the disk; only its new name might not be yet
        }
    }

    private static void remove(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException _) {
            // the error that brought us here says more
        }
    }
}
