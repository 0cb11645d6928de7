package dev.fathom.io.json;

import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.file.AtomicFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One JSON value a line. A line is there as soon as {@link #append} returns. A process killed while
 * it appends leaves a cut last line, which readers skip and the next {@link #append} removes.
 */
public final class JsonLines {
    private JsonLines() {}

    /** Adds a line; makes the file and its folder if they are missing. */
    public static void append(Path file, Object value) {
        var line = (Json.write(value) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            try (var channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE)) {
                channel.position(endOfLines(file, channel));
                channel.truncate(channel.position());
                AtomicFile.writeAll(channel, ByteBuffer.wrap(line));
            }
        } catch (IOException e) {
            throw new FileAccessException("append to", file, e);
        }
    }

    /** Where the last complete line ends. */
    private static long endOfLines(Path file, FileChannel channel) throws IOException {
        long end = channel.size();
        var one = ByteBuffer.allocate(1);
        while (end > 0) {
            one.clear();
            if (channel.read(one, end - 1) != 1) {
                throw new CorruptFileException(file, "it became shorter while it was read");
            }
            if (one.get(0) == '\n') {
                return end;
            }
            end--;
        }
        return 0;
    }

    /** Replaces the file by these lines, as a whole. */
    public static void write(Path file, List<?> values) {
        var text = new StringBuilder();
        values.forEach(v -> text.append(Json.write(v)).append('\n'));
        AtomicFile.write(file, text.toString());
    }

    /**
     * All complete lines.
     *
     * @throws CorruptFileException naming the line that is not the JSON of a {@code type}
     */
    public static <T> List<T> read(Path file, Class<T> type) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new FileAccessException("read", file, e);
        }
        var values = new ArrayList<T>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                var line = new String(Arrays.copyOfRange(bytes, start, i), StandardCharsets.UTF_8);
                if (!line.isBlank()) {
                    values.add(line(file, line, values.size() + 1, type));
                }
                start = i + 1;
            }
        }
        return values;
    }

    private static <T> T line(Path file, String line, int number, Class<T> type) {
        try {
            return Json.read(file, line, type);
        } catch (CorruptFileException e) {
            throw new CorruptFileException(file, "line " + number + ": " + e.reason());
        }
    }
}
