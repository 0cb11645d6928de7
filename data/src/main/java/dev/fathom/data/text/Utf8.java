package dev.fathom.data.text;

import dev.fathom.data.error.MalformedDataException;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that come one after the other, as text: a character is given out when its last byte has
 * come. Not for several threads.
 */
public final class Utf8 {
    private static final int LONGEST = 4;

    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = new byte[0];

    /** Nothing has come yet. */
    public Utf8() {}

    /** The characters that {@code bytes} complete. */
    public String add(byte[] bytes) {
        return decode(bytes, false);
    }

    /** What is left at the end: {@code U+FFFD} if a character was cut short. */
    public String end() {
        return decode(new byte[0], true);
    }

    private String decode(byte[] bytes, boolean last) {
        var in = ByteBuffer.allocate(waiting.length + bytes.length).put(waiting).put(bytes).flip();
        var out = CharBuffer.allocate(in.remaining() + LONGEST);
        decoder.decode(in, out, last);
        if (last) {
            decoder.flush(out);
            decoder.reset();
        }
        waiting = new byte[in.remaining()];
        in.get(waiting);
        return out.flip().toString();
    }

    /** The bytes of a text; half a surrogate pair, which has none, is refused. */
    static byte[] bytes(String text) {
        try {
            var buffer = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            var bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(
                    "the text holds half a surrogate pair, which is no character", e);
        }
    }
}
