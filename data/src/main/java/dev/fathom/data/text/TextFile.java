package dev.fathom.data.text;

import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.file.Content;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Text files in UTF-8, plain or gzip. */
public final class TextFile {
    private static final int LIMIT = 1 << 28;

    private TextFile() {}

    /**
     * The text of a file, without a byte order mark.
     *
     * @throws MalformedDataException if it is not UTF-8, or holds more than 256 MiB
     */
    public static String read(Path file) {
        var bytes = Content.of(file).bytes(LIMIT);
        try {
            var text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(file + " is not UTF-8 text; convert it first", e);
        }
    }
}
