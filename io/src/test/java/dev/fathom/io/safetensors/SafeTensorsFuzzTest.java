package dev.fathom.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.UnsupportedFileException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Damaged files: whatever happens, only the named exceptions come out, and what is read has the
 * size of the file.
 */
class SafeTensorsFuzzTest {
    private static final Path NAME = Path.of("fuzzed");

    /** True if the bytes were read, false if they were refused. */
    private static boolean reads(byte[] bytes, long seed) {
        try {
            var content =
                    SafeTensors.read(
                            NAME,
                            Channels.newChannel(new ByteArrayInputStream(bytes)),
                            bytes.length);
            long total = content.tensors().values().stream().mapToLong(Tensor::size).sum();
            assertThat(total).as("seed %d", seed).isLessThanOrEqualTo(bytes.length);
            return true;
        } catch (CorruptFileException | UnsupportedFileException e) {
            assertThat(e.file()).as("seed %d", seed).isEqualTo(NAME);
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static byte[] damaged(byte[] good, SplittableRandom random) {
        var bytes = good.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
                case 4 -> bytes[at] = (byte) "0123456789{}[]\",:-e.\\".charAt(random.nextInt(21));
                default -> throw new AssertionError();
            }
        }
        return bytes;
    }

    @Test
    void damagedFilesAreRefusedByName(@TempDir Path folder) throws IOException {
        var file = folder.resolve("good");
        SafeTensors.write(
                file,
                Map.of(
                        "layers[0].weight", Tensor.of(new float[12], 3, 4),
                        "labels", Tensor.of(new int[] {1, 2, 3}),
                        "mask", Tensor.of(new boolean[] {true, false})),
                Map.of("note", "a text"));
        var good = Files.readAllBytes(file);
        assertThat(reads(good, -1)).isTrue();
        int refused = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            var bad = damaged(good, new SplittableRandom(seed));
            refused += reads(bad, seed) ? 0 : 1;
        }
        // what is still read had the checksum's name or nothing changed
        assertThat(refused).isGreaterThan(19_000);
    }

    @Test
    void everyTruncationIsRefused(@TempDir Path folder) throws IOException {
        var file = folder.resolve("good");
        SafeTensors.write(file, Map.of("w", Tensor.of(new float[5]), "n", Tensor.scalar(3L)));
        var good = Files.readAllBytes(file);
        for (int length = 0; length < good.length; length++) {
            assertThat(reads(Arrays.copyOf(good, length), length)).as("%d bytes", length).isFalse();
        }
    }

    @Test
    void randomHeadersAreRefusedOrRead() {
        var tokens =
                new String[] {
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"a\"",
                    "\"dtype\"",
                    "\"F32\"",
                    "\"BOOL\"",
                    "\"shape\"",
                    "\"data_offsets\"",
                    "0",
                    "4",
                    "-1",
                    "1e9",
                    "99999999999999999999",
                    "\"__metadata__\"",
                    "null",
                    "true"
                };
        int refused = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            var random = new SplittableRandom(seed);
            var text = new StringBuilder("{");
            for (int i = random.nextInt(30); i > 0; i--) {
                text.append(tokens[random.nextInt(tokens.length)]);
            }
            var header = text.toString().getBytes(StandardCharsets.UTF_8);
            var bytes = ByteBuffer.allocate(12 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(header.length).put(header);
            refused += reads(bytes.array(), seed) ? 0 : 1;
        }
        assertThat(refused)
                .isEqualTo(20_000); // the four bytes of data are described by none of these
    }

    @Test
    void deeplyNestedHeadersAreRefused() {
        var header = ("{\"a\":" + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(reads(bytes.putLong(header.length).put(header).array(), 0)).isFalse();
    }
}
