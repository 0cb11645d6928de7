package dev.fathom.io.safetensors;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.UnsupportedFileException;
import dev.fathom.io.file.AtomicFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Named tensors and a little text in one file.
 *
 * @param tensors by name, in the order of the file
 * @param metadata free text by name
 */
public record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    /** Where the checksum of a file written here stands. */
    static final String CHECKSUM = "fathom.crc32c";

    private static final byte[] CHECKSUM_FIELD =
            ("\"" + CHECKSUM + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final String NO_CHECKSUM = "00000000";

    /** Keeps the order. */
    public SafeTensors {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /**
     * Reads a file whose element types are F32, F64, I32, I64, BOOL and BF16, each as it is stored.
     *
     * @throws CorruptFileException if anything in it does not add up
     * @throws UnsupportedFileException if it holds other element types; see {@link #readWidening}
     * @throws FileAccessException if the system refuses
     */
    public static SafeTensors read(Path file) {
        return read(file, false, false);
    }

    /**
     * {@link #read} that also refuses a file without the checksum that all files written here have.
     */
    public static SafeTensors readVerified(Path file) {
        return read(file, false, true);
    }

    /**
     * {@link #read} that also takes F16 and BF16 (as float32), I8, I16, U8, U16 (as int32) and U32
     * (as int64). No value changes.
     */
    public static SafeTensors readWidening(Path file) {
        return read(file, true, false);
    }

    private static SafeTensors read(Path file, boolean widening, boolean verified) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Reader(file, channel, channel.size()).read(widening, verified);
        } catch (IOException e) {
            throw new FileAccessException("read", file, e);
        }
    }

    static SafeTensors read(Path name, ReadableByteChannel channel, long size) {
        try {
            return new Reader(name, channel, size).read(true, false);
        } catch (IOException e) {
            throw new FileAccessException("read", name, e);
        }
    }

    /** Only the metadata; the tensors are neither read nor held against the checksum. */
    public static Map<String, String> readMetadata(Path file) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return withoutChecksum(new Reader(file, channel, channel.size()).header().metadata());
        } catch (IOException e) {
            throw new FileAccessException("read", file, e);
        }
    }

    private static Map<String, String> withoutChecksum(Map<String, String> metadata) {
        var rest = new LinkedHashMap<>(metadata);
        rest.remove(CHECKSUM);
        return rest;
    }

    /** Reads a file from front to back. */
    private static final class Reader {
        private final Path file;
        private final ReadableByteChannel channel;
        private final long size;
        private final CRC32C crc = new CRC32C();

        Reader(Path file, ReadableByteChannel channel, long size) {
            this.file = file;
            this.channel = channel;
            this.size = size;
        }

        Header header() throws IOException {
            if (size < 8) {
                throw new CorruptFileException(
                        file, "it has " + size + " bytes; even an empty one has 10");
            }
            var prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            fill(prefix);
            long length = prefix.getLong(0);
            if (length < 0 || length > size - 8) {
                throw new CorruptFileException(
                        file,
                        "it claims a header of "
                                + Long.toUnsignedString(length)
                                + " bytes, but has only "
                                + (size - 8)
                                + " after the length");
            }
            if (length > Header.LONGEST) {
                throw new CorruptFileException(
                        file,
                        "it claims a header of "
                                + length
                                + " bytes; the format allows "
                                + Header.LONGEST);
            }
            var bytes = ByteBuffer.allocate((int) length);
            fill(bytes);
            var header = Header.parse(file, bytes.array(), size - 8 - length);
            crc.update(prefix.array());
            crc.update(blanked(bytes.array()));
            return header;
        }

        SafeTensors read(boolean widening, boolean verified) throws IOException {
            var header = header();
            if (verified && !header.metadata().containsKey(CHECKSUM)) {
                throw new CorruptFileException(file, "it has no checksum, but it should have one");
            }
            if (!widening) {
                header.entries().forEach(this::refuseOthers);
            }
            var tensors = new LinkedHashMap<String, Tensor>();
            for (var entry : header.entries()) {
                tensors.put(
                        entry.name(),
                        Elements.read(
                                file,
                                entry,
                                widening ? entry.type().widened() : entry.type().dtype(),
                                piece -> {
                                    fill(piece);
                                    crc.update(piece.array(), 0, piece.limit());
                                }));
            }
            var stated = header.metadata().get(CHECKSUM);
            var found = hex(crc.getValue());
            if (stated != null && !stated.equals(found)) {
                throw new CorruptFileException(
                        file,
                        "its checksum is "
                                + found
                                + ", but "
                                + stated
                                + " was written: some bytes changed");
            }
            return new SafeTensors(tensors, withoutChecksum(header.metadata()));
        }

        private void refuseOthers(Header.Entry entry) {
            if (!entry.type().exact()) {
                throw new UnsupportedFileException(
                        file,
                        "tensor '"
                                + entry.name()
                                + "' has the element type "
                                + entry.type()
                                + ", which Fathom does not compute with. Read it as "
                                + entry.type().dtype()
                                + " with SafeTensors.readWidening, or convert the file to F32 or"
                                + " I32");
            }
        }

        private void fill(ByteBuffer buffer) throws IOException {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new CorruptFileException(file, "it became shorter while it was read");
                }
            }
        }
    }

    /**
     * Replaces {@code file} as a whole, or leaves it as it was: see {@link AtomicFile}. The same
     * tensors and text give the same bytes. Large elements come first, so that all data is aligned.
     *
     * @throws UnsupportedFileException if a tensor is called {@code __metadata__}
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        if (tensors.containsKey(Header.METADATA)) {
            throw new UnsupportedFileException(
                    file,
                    "no tensor can be called "
                            + Header.METADATA
                            + "; the format keeps that name for text");
        }
        var text = new TreeMap<>(metadata);
        text.put(CHECKSUM, NO_CHECKSUM);
        var entries = entries(tensors);
        var header = new Header(entries, text).bytes(file);
        if (header.length > Header.LONGEST) {
            throw new UnsupportedFileException(
                    file,
                    "names and metadata take "
                            + header.length
                            + " bytes; the format allows "
                            + Header.LONGEST);
        }
        var prefix =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length);
        AtomicFile.write(
                file,
                channel -> {
                    var crc = new CRC32C();
                    crc.update(prefix.array());
                    crc.update(header);
                    for (var e : entries) {
                        Elements.write(tensor(tensors, e), crc::update);
                    }
                    put(header, hex(crc.getValue()));
                    AtomicFile.writeAll(channel, prefix.duplicate());
                    AtomicFile.writeAll(channel, ByteBuffer.wrap(header));
                    for (var e : entries) {
                        Elements.write(
                                tensor(tensors, e), piece -> AtomicFile.writeAll(channel, piece));
                    }
                });
    }

    /** {@link #write(Path, Map, Map)} without text. */
    public static void write(Path file, Map<String, Tensor> tensors) {
        write(file, tensors, Map.of());
    }

    private static Tensor tensor(Map<String, Tensor> tensors, Header.Entry entry) {
        return Objects.requireNonNull(tensors.get(entry.name()));
    }

    private static List<Header.Entry> entries(Map<String, Tensor> tensors) {
        var names = new ArrayList<>(tensors.entrySet());
        names.sort(Comparator.comparingInt(e -> -e.getValue().dtype().bytes()));
        var entries = new ArrayList<Header.Entry>();
        long at = 0;
        for (var named : names) {
            var t = named.getValue();
            long end = at + t.size() * t.dtype().bytes();
            entries.add(
                    new Header.Entry(named.getKey(), StoredType.of(t.dtype()), t.shape(), at, end));
            at = end;
        }
        return entries;
    }

    // The checksum covers the whole file with eight zeros in its own place. The field can be found
    // by its bytes:
    // inside a JSON string its quotes would be escaped.

    private static byte[] blanked(byte[] header) {
        var copy = header.clone();
        put(copy, NO_CHECKSUM);
        return copy;
    }

    private static void put(byte[] header, String checksum) {
        int last = header.length - CHECKSUM_FIELD.length - checksum.length();
        for (int at = 0; at <= last; at++) {
            if (startsWith(header, at)) {
                var digits = checksum.getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(digits, 0, header, at + CHECKSUM_FIELD.length, digits.length);
                return;
            }
        }
    }

    private static boolean startsWith(byte[] header, int at) {
        for (int i = 0; i < CHECKSUM_FIELD.length; i++) {
            if (header[at + i] != CHECKSUM_FIELD[i]) {
                return false;
            }
        }
        return true;
    }

    private static String hex(long crc) {
        return "%08x".formatted(crc);
    }
}
