package dev.fathom.io.numpy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileException;
import dev.fathom.io.error.UnsupportedFileException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** The expected bytes were written by NumPy 2.4.6. */
class NumpyTest {
    @TempDir private Path folder;

    private static byte[] npy(String header, String hex) {
        var padded = header + " ".repeat(117 - header.length()) + "\n";
        var bytes =
                HexFormat.of()
                        .parseHex(
                                "934e554d505901007600"
                                        + HexFormat.of()
                                                .formatHex(
                                                        padded.getBytes(StandardCharsets.US_ASCII))
                                        + hex);
        assertThat(bytes.length).isGreaterThanOrEqualTo(128);
        return bytes;
    }

    private Tensor read(byte[] bytes) throws IOException {
        return Npy.read(Files.write(folder.resolve("a.npy"), bytes));
    }

    @Test
    void theBytesAreNumPys() throws IOException {
        Tensor x = Tensor.of(new float[] {1, -2.5f, 3, 4, 5, 6}, 2, 3);
        var expected =
                npy(
                        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
                        "0000803f000020c000004040000080400000a0400000c040");
        var file = folder.resolve("x.npy");
        Npy.write(file, x);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
        assertThat(Npy.read(file).toFloats()).isEqualTo(x.toFloats());
        Npy.write(file, Tensor.of(new boolean[] {true, false}));
        assertThat(Files.readAllBytes(file))
                .isEqualTo(
                        npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", "0100"));
        Npy.write(file, Tensor.scalar(2.5));
        assertThat(Files.readAllBytes(file))
                .isEqualTo(
                        npy(
                                "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
                                "0000000000000440"));
    }

    @Test
    void bfloat16IsUnknownToNumPy() {
        Tensor x = Tensor.of(new float[] {1, 2}).cast(DType.BFLOAT16);
        assertThatThrownBy(() -> Npy.write(folder.resolve("x.npy"), x))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("npy: NumPy has no bfloat16; cast to float32 first");
        assertThat(folder.resolve("x.npy")).doesNotExist();
    }

    @Test
    void bigEndianFortranOrderIsRead() throws IOException {
        Tensor t =
                read(
                        npy(
                                "{'descr': '>i4', 'fortran_order': True, 'shape': (3, 2), }",
                                "000000010000000300000005000000020000000400000006"));
        assertThat(t.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(t.toInts()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void severalArraysComeBackByName() throws IOException {
        var compressed =
                "UEsDBC0AAAAIAAAAIQD3QBLq//////////8FABQAYS5ucHkBABAAmAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l"
                    + "oG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GKGCE0kxQGgBQSwMELQAAAAgAAAAhAIxD"
                    + "MHr//////////wUAFABiLm5weQEAEACQAAAAAAAAAEwAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RS"
                    + "lJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjoKhpo6CrUKZAMuBjD4YA+jAVBLAQItAy0AAAAIAAAAIQD3QBLqTAAAAJgAAAAF"
                    + "AAAAAAAAAAAAAACAAQAAAABhLm5weVBLAQItAy0AAAAIAAAAIQCMQzB6TAAAAJAAAAAFAAAAAAAAAAAAAACAAYMAAABiLm5w"
                    + "eVBLBQYAAAAAAgACAGYAAAAGAQAAAAA=";
        var file = Files.write(folder.resolve("n.npz"), Base64.getDecoder().decode(compressed));
        var read = Npz.read(file);
        assertThat(read.keySet()).containsExactly("a", "b");
        assertThat(read.get("a").toLongs()).containsExactly(0, 1, 2);
        assertThat(read.get("b").toDoubles()).containsExactly(1, 1);
        assertThat(read.get("b").shape()).isEqualTo(Shape.of(2, 1));

        Npz.write(file, read);
        var first = Files.readAllBytes(file);
        Npz.write(file, new LinkedHashMap<>(read));
        assertThat(Files.readAllBytes(file)).isEqualTo(first);
        assertThat(Npz.read(file).get("a").toLongs()).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999, 99999, 99999), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2), }",
                "{'descr': '<f4', 'fortran_order': 'x', 'shape': (2,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), x}",
                "{'descr': '<f4', 'shape': (2,), }",
                "import os",
            })
    void whatDoesNotAddUpIsRefused(String header) {
        assertThatThrownBy(() -> read(npy(header, "0000803f000020c0")))
                .isInstanceOf(CorruptFileException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<f2", "|u1", "<c8", "|O", "<U3"})
    void otherElementsAreRefusedByName(String descr) {
        assertThatThrownBy(() ->
                        read(
                                npy(
                                        "{'descr': '"
                                                + descr
                                                + "', 'fortran_order': False, 'shape': (2,), }",
                                        "0000")))
                .isInstanceOf(UnsupportedFileException.class)
                .hasMessageContaining(descr)
                .hasMessageContaining("astype");
    }

    private void fuzz(byte[] good, Function<Path, ?> reader) throws IOException {
        var file = folder.resolve("fuzzed");
        int refused = 0;
        for (long seed = 0; seed < 1000; seed++) {
            var random = new SplittableRandom(seed);
            var bad = good.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(bad.length);
                switch (random.nextInt(3)) {
                    case 0 -> bad[at] = (byte) random.nextInt(256);
                    case 1 -> bad[at] ^= (byte) (1 << random.nextInt(8));
                    case 2 -> bad = Arrays.copyOf(bad, Math.max(1, at));
                    default -> throw new AssertionError();
                }
            }
            Files.write(file, bad);
            try {
                reader.apply(file);
            } catch (FileException _) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    @Test
    void damagedFilesAreRefusedByName() throws IOException {
        var npy = folder.resolve("good.npy");
        Npy.write(npy, Tensor.of(new float[] {1, 2, 3}));
        fuzz(Files.readAllBytes(npy), Npy::read);
        var npz = folder.resolve("good.npz");
        Npz.write(npz, Map.of("a", Tensor.of(new float[] {1, 2, 3}), "b", Tensor.scalar(1L)));
        fuzz(Files.readAllBytes(npz), Npz::read);
    }
}
