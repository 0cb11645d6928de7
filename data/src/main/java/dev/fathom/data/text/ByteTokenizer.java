package dev.fathom.data.text;

/** A token for each byte of the UTF-8 form: 256 tokens that can write every text. */
public record ByteTokenizer() implements Tokenizer {
    static final String KIND = "bytes";
    static final int BYTES = 256;

    @Override
    public int size() {
        return BYTES;
    }

    @Override
    public int[] encode(String text) {
        var bytes = Utf8.bytes(text);
        var ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xff;
        }
        return ids;
    }

    @Override
    public byte[] bytes(int id) {
        Tokenizer.checkToken(id, BYTES);
        return new byte[] {(byte) id};
    }

    @Override
    public String name(int id) {
        Tokenizer.checkToken(id, BYTES);
        return name(new byte[] {(byte) id});
    }

    /** The bytes as text where they are printable ASCII, and in hexadecimal where not. */
    static String name(byte[] bytes) {
        var name = new StringBuilder();
        for (byte b : bytes) {
            if (b >= ' ' && b < 0x7f) {
                name.append((char) b);
            } else {
                name.append("<%02x>".formatted(b & 0xff));
            }
        }
        return name.toString();
    }

    @Override
    public String saved() {
        return KIND + ":";
    }
}
