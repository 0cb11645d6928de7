package dev.fathom.data.catalogue;

import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.UnreadableDataException;
import dev.fathom.data.file.Content;
import dev.fathom.data.file.Sha256;

import java.io.IOException;

/** Files that ship with the library. */
final class BuiltIn {
    private static final int LIMIT = 1 << 28;

    private BuiltIn() {}

    /** The decompressed bytes of a file, if they have the hash {@code sha256}. */
    static byte[] bytes(String file, String sha256) {
        try (var in = BuiltIn.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new DataNotFoundException(
                        file + " is missing from this copy of the library; build it again");
            }
            var bytes = Content.of(file, in.readAllBytes()).bytes(LIMIT);
            if (!Sha256.of(bytes).equals(sha256)) {
                throw new ChecksumException(
                        "the built-in "
                                + file
                                + " has the SHA-256 "
                                + Sha256.of(bytes)
                                + " and not "
                                + sha256
                                + "; this copy of the library is damaged");
            }
            return bytes;
        } catch (IOException e) {
            throw new UnreadableDataException("the built-in " + file + " cannot be read", e);
        }
    }
}
