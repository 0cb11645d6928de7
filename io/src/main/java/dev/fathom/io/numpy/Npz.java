package dev.fathom.io.numpy;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.UnsupportedFileException;
import dev.fathom.io.file.AtomicFile;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** NumPy's format for several arrays: a zip archive of npy files, plain or compressed. */
public final class Npz {
    private static final String SUFFIX = ".npy";

    /** Deflate never makes more than 1032 bytes of one. */
    private static final long LARGEST_RATIO = 1032;

    private Npz() {}

    /**
     * Reads the file of {@code np.savez} or {@code np.savez_compressed}: the arrays by name,
     * without {@code .npy}.
     *
     * @throws CorruptFileException if it is not a zip archive of npy files
     * @throws UnsupportedFileException if an array holds another element type
     * @throws FileAccessException if the system refuses
     */
    public static Map<String, Tensor> read(Path file) {
        try (var zip = new ZipFile(file.toFile())) {
            long size = Files.size(file);
            var arrays = new LinkedHashMap<String, Tensor>();
            for (var entry : zip.stream().toList()) {
                if (!entry.getName().endsWith(SUFFIX)) {
                    throw new CorruptFileException(
                            file, "'" + entry.getName() + "' in it is no npy file");
                }
                var name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
                if (arrays.put(name, array(file, zip, entry, size)) != null) {
                    throw new CorruptFileException(file, "it has two arrays called '" + name + "'");
                }
            }
            return arrays;
        } catch (ZipException e) {
            throw new CorruptFileException(
                    file, "it is not a sound zip archive: " + e.getMessage());
        } catch (IOException e) {
            throw new FileAccessException("read", file, e);
        }
    }

    private static Tensor array(Path file, ZipFile zip, ZipEntry entry, long size)
            throws IOException {
        var inside = Path.of(file + "!" + entry.getName().replace('\0', '?'));
        long packed = Math.clamp(entry.getCompressedSize(), 0, size);
        try (var in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
            var tensor = Npy.read(inside, in, packed * LARGEST_RATIO);
            if (in.read() >= 0) {
                throw new CorruptFileException(inside, "there are bytes after the array");
            }
            // ZipFile leaves this to its users
            if (in.getChecksum().getValue() != entry.getCrc()) {
                throw new CorruptFileException(inside, "its checksum is wrong: some bytes changed");
            }
            return tensor;
        } catch (EOFException _) {
            throw new CorruptFileException(inside, "it is cut off");
        }
    }

    /**
     * Writes what {@code np.load} reads, compressed; replaces the file as a whole. Same arrays,
     * same bytes.
     */
    public static void write(Path file, Map<String, Tensor> arrays) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var named : arrays.entrySet()) {
                var entry = new ZipEntry(named.getKey() + SUFFIX);
                entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                zip.write(Npy.bytes(named.getValue()));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new FileAccessException("write", file, e);
        }
        AtomicFile.write(file, bytes.toByteArray());
    }
}
