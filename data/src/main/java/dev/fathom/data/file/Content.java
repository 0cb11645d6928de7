package dev.fathom.data.file;

import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.error.UnreadableDataException;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The bytes of one file or resource, decompressed if they are gzip. What a file is called does not
 * matter: gzip is recognised by its first two bytes, {@code 1f 8b}.
 */
public final class Content {
    /** Deflate cannot shrink anything by more than this factor (RFC 1951: 258 bytes in 2 bits). */
    private static final long MAX_RATIO = 1032;

    private static final int BUFFER = 1 << 16;

    private final String label;
    private final Opener opener;
    private final long stored;

    private interface Opener {
        InputStream open() throws IOException;
    }

    /** What is done with an open stream. */
    @FunctionalInterface
    public interface Use<R> {
        /** Reads from {@code in}. */
        R read(InputStream in) throws IOException;
    }

    private Content(String label, Opener opener, long stored) {
        this.label = label;
        this.opener = opener;
        this.stored = stored;
    }

    /**
     * A file.
     *
     * @throws DataNotFoundException if there is no such file
     */
    public static Content of(Path file) {
        if (Files.isDirectory(file)) {
            throw new DataNotFoundException(file + " is a folder; a file was expected");
        }
        try {
            return new Content(file.toString(), () -> Files.newInputStream(file), Files.size(file));
        } catch (NoSuchFileException e) {
            throw new DataNotFoundException("there is no file " + file.toAbsolutePath(), e);
        } catch (IOException e) {
            throw new UnreadableDataException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Bytes already in memory, called {@code label} in messages. */
    public static Content of(String label, byte[] bytes) {
        return new Content(label, () -> new ByteArrayInputStream(bytes), bytes.length);
    }

    /** How messages name it. */
    public String label() {
        return label;
    }

    /** The most bytes that can come out: the size itself, or 1032 times it for gzip. */
    public long largest() {
        return use(in -> isGzip(in) ? stored * MAX_RATIO : stored);
    }

    /**
     * Opens the decompressed bytes, hands them to {@code use} and closes them.
     *
     * @throws MalformedDataException for damaged gzip
     * @throws UnreadableDataException for an error of the system
     */
    public <R> R read(Use<R> use) {
        return use(in -> use.read(isGzip(in) ? new GZIPInputStream(in, BUFFER) : in));
    }

    /**
     * All decompressed bytes.
     *
     * @throws MalformedDataException if there are more than {@code limit}
     */
    public byte[] bytes(int limit) {
        return read(in -> {
            var bytes = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw new MalformedDataException(
                        label + " holds more than " + limit + " bytes, too many to read at once");
            }
            return bytes;
        });
    }

    private <R> R use(Use<R> use) {
        try (var in = new BufferedInputStream(opener.open(), BUFFER)) {
            return use.read(in);
        } catch (ZipException | EOFException e) {
            throw new MalformedDataException(
                    label + ": the gzip data are damaged or cut short (" + e.getMessage() + ")", e);
        } catch (IOException e) {
            throw new UnreadableDataException(label + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzip;
    }
}
