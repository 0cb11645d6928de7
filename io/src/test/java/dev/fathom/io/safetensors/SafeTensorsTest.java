package dev.fathom.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.UnsupportedFileException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

class SafeTensorsTest {
    @TempDir private Path folder;

    /** A file from its parts: the header's length, the header, the data. */
    private Path file(String header, byte... data) throws IOException {
        var text = header.getBytes(StandardCharsets.UTF_8);
        var bytes =
                ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text).put(data);
        return Files.write(folder.resolve("made.safetensors"), bytes.array());
    }

    private static Map<String, Tensor> everyType() {
        var map = new LinkedHashMap<String, Tensor>();
        map.put("mask", Tensor.of(new boolean[] {true, false, true}));
        map.put(
                "weight",
                Tensor.of(
                        new float[] {1, -2.5f, Float.NaN, Float.NEGATIVE_INFINITY, -0f, 1e-45f},
                        2,
                        3));
        map.put("wide", Tensor.of(new double[] {Math.PI, Double.MIN_VALUE}, 2, 1));
        map.put("steps", Tensor.scalar(Long.MIN_VALUE + 1));
        map.put("labels", Tensor.of(new int[] {7, -8, Integer.MAX_VALUE}));
        map.put("empty", Tensor.of(new float[0], 0, 4));
        return map;
    }

    @Test
    void everyTypeComesBackToTheBit() {
        var file = folder.resolve("all.safetensors");
        SafeTensors.write(
                file, everyType(), Map.of("made by", "a test", "quote", "\"fathom.crc32c\":\"x\""));
        var read = SafeTensors.read(file);

        assertThat(read.metadata())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("made by", "a test", "quote", "\"fathom.crc32c\":\"x\""));
        assertThat(read.tensors().keySet())
                .containsExactlyInAnyOrderElementsOf(everyType().keySet());
        everyType()
                .forEach((name, t) -> {
                    assertThat(read.tensors().get(name).type()).as(name).isEqualTo(t.type());
                    assertThat(Elements.memory(read.tensors().get(name)))
                            .as(name)
                            .isEqualTo(Elements.memory(t));
                });
        assertThat(SafeTensors.readVerified(file).tensors()).hasSize(6);
        assertThat(SafeTensors.readMetadata(file)).containsEntry("made by", "a test").hasSize(2);
    }

    @Test
    void moreElementsThanOnePieceComeBack() {
        var values = new double[3 * Elements.PIECE / 8 + 5];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.37;
        }
        var file = folder.resolve("long.safetensors");
        SafeTensors.write(file, Map.of("x", Tensor.of(values)));
        assertThat(SafeTensors.read(file).tensors().get("x").toDoubles()).isEqualTo(values);
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        var file = folder.resolve("golden.safetensors");
        SafeTensors.write(
                file, Map.of("a", Tensor.of(new float[] {1, -2}, 1, 2)), Map.of("k", "v"));
        var bytes = Files.readAllBytes(file);

        // {"__metadata__":{"fathom.crc32c":"........","k":"v"}, is 53 bytes, and
        // "a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}} is 55: 108, padded to 112 = 0x70
        assertThat(HexFormat.of().formatHex(bytes, 0, 8)).isEqualTo("7000000000000000");
        var header = new String(bytes, 8, 112, StandardCharsets.UTF_8);
        assertThat(header.replaceFirst("[0-9a-f]{8}", "........"))
                .isEqualTo(
                        "{\"__metadata__\":{\"fathom.crc32c\":\"........\",\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}"
                            + "    ");
        // 1.0f = 0x3f800000 and -2.0f = 0xc0000000, little-endian
        assertThat(HexFormat.of().formatHex(bytes, 120, bytes.length))
                .isEqualTo("0000803f000000c0");
        assertThat(header).contains("\"fathom.crc32c\":\"" + bitwiseCrc32c(bytes) + "\"");
    }

    /** The definition, bit by bit, of the file with zeros in the place of the checksum. */
    private static String bitwiseCrc32c(byte[] file) {
        var text = new String(file, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("\"fathom.crc32c\":\"") + 17;
        int crc = ~0;
        for (int i = 0; i < file.length; i++) {
            crc ^= i >= at && i < at + 8 ? '0' : file[i] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0); // Castagnoli, reflected
            }
        }
        return String.format("%08x", ~crc);
    }

    @Test
    void aFileOfAnotherProgramIsRead() throws IOException {
        var file =
                file(
                        "{\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[1,9]},\"m\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}"
                            + "  ",
                        new byte[] {1, -2, -1, -1, -1, -1, -1, -1, -1});
        var tensors = SafeTensors.read(file).tensors();
        assertThat(tensors.keySet()).containsExactly("m", "b");
        assertThat(tensors.get("b").toLongs()).containsExactly(-2);
        assertThat(tensors.get("m").toBooleans()).containsExactly(true);
        assertThatThrownBy(() -> SafeTensors.readVerified(file))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("no checksum");
    }

    /** 0x3f80 = 1, 0xc020 = -2.5. */
    @Test
    void bfloat16IsReadAsStoredOrWidened() throws IOException {
        var data = HexFormat.of().parseHex("803f20c0");
        var file = file("{\"x\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", data);
        var stored = SafeTensors.read(file).tensors().get("x");
        assertThat(stored.dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(stored.toDoubles()).containsExactly(1, -2.5);
        assertThat(SafeTensors.readWidening(file).tensors().get("x").toFloats())
                .containsExactly(1, -2.5f);
        var again = folder.resolve("again");
        SafeTensors.write(again, Map.of("x", stored));
        var bytes = Files.readAllBytes(again);
        assertThat(Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length)).isEqualTo(data);
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).contains("\"dtype\":\"BF16\"");
    }

    @ParameterizedTest
    @CsvSource({
        // half: 0x3c00 = 1, 0xc100 = -2.5
        "F16, 003c00c1, 1, -2.5",
        "I16, 0300feff, 3, -2",
        "U16, 0300feff, 3, 65534",
        "I8, 03fe, 3, -2",
        "U8, 03fe, 3, 254",
        "U32, 03000000feffffff, 3, 4294967294",
    })
    void narrowTypesAreReadOnlyOnRequest(String type, String hex, double first, double second)
            throws IOException {
        var data = HexFormat.of().parseHex(hex);
        var file =
                file(
                        "{\"x\":{\"dtype\":\""
                                + type
                                + "\",\"shape\":[2],\"data_offsets\":[0,"
                                + data.length
                                + "]}}",
                        data);
        assertThat(SafeTensors.readWidening(file).tensors().get("x").toDoubles())
                .containsExactly(first, second);
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(UnsupportedFileException.class)
                .hasMessageContaining("'x'")
                .hasMessageContaining(type)
                .hasMessageContaining("readWidening");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                                                                        | does"
                        + " not begin",
                "{                                                                         | not"
                        + " JSON",
                "{} x                                                                      | not"
                        + " JSON",
                "{\"a\":3}                                                                 |"
                        + " exactly a dtype",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}            |"
                        + " exactly a dtype",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"b\":1}}  |"
                        + " exactly a dtype",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}         | shape"
                        + " [-1]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}        | shape"
                        + " [1.5]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999],\"data_offsets\":[0,4]}}| shape"
                        + " [99999999999]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}          | does"
                        + " not fit bytes 0 to 4",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}          | does"
                        + " not fit bytes 4 to 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}         | data"
                        + " offset -4",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,1e3]}}        | data"
                        + " offset 1",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}          |"
                        + " expected 0",
                "{\"a\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[0,3]}}           | 3"
                        + " bytes of data",
                "{\"a\":{\"dtype\":\"I8\",\"shape\":[5],\"data_offsets\":[0,5]}}           | 5"
                        + " bytes of data",
                "{\"a\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[2,4]}}|expected"
                    + " 3",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|stands"
                    + " there twice",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536],\"data_offsets\":[0,4]}}|more"
                    + " elements",
                "{\"__metadata__\":[]}                                                     | not a"
                        + " JSON object",
                "{\"__metadata__\":{\"a\":1}}                                              | 'a' is"
                        + " not a string",
                "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[0,4]}}         | is 9,"
                        + " not 0 or 1",
            })
    void whatDoesNotAddUpIsRefused(String header, String reason) throws IOException {
        var file = file(header, (byte) 1, (byte) 0, (byte) 0, (byte) 9);
        assertThatThrownBy(() -> SafeTensors.readWidening(file))
                .isInstanceOf(CorruptFileException.class)
                .hasMessageContaining("made.safetensors")
                .hasMessageContaining(reason);
    }

    @Test
    void aHeaderLongerThanTheFileIsRefusedBeforeAnythingIsAllocated() throws IOException {
        var prefix = new byte[16];
        for (long length : new long[] {9, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            var file = Files.write(folder.resolve("long"), prefix);
            assertThatThrownBy(() -> SafeTensors.read(file))
                    .isInstanceOf(CorruptFileException.class)
                    .hasMessageContaining("only 8 after the length");
        }
        var short7 = Files.write(folder.resolve("short"), new byte[7]);
        assertThatThrownBy(() -> SafeTensors.read(short7)).hasMessageContaining("it has 7 bytes");
    }

    @Test
    void anUnknownElementTypeIsNamed() throws IOException {
        var file =
                file(
                        "{\"q\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                        (byte) 1);
        assertThatThrownBy(() -> SafeTensors.readWidening(file))
                .isInstanceOf(UnsupportedFileException.class)
                .hasMessageContaining("'q'")
                .hasMessageContaining("F8_E4M3");
    }

    @Test
    void everySingleChangedByteIsFound() throws IOException {
        var file = folder.resolve("flipped");
        SafeTensors.write(
                file,
                Map.of("w", Tensor.of(new float[] {1, 2, 3}), "n", Tensor.scalar(4)),
                Map.of("note", "text"));
        var good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                var bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                Files.write(file, bad);
                assertThatThrownBy(() -> SafeTensors.readVerified(file))
                        .as("bit %d of byte %d", bit, at)
                        .isInstanceOfAny(
                                CorruptFileException.class, UnsupportedFileException.class);
            }
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        var file = folder.resolve("kept.safetensors");
        SafeTensors.write(file, Map.of("a", Tensor.scalar(1f)));
        assertThatThrownBy(() -> SafeTensors.write(file, Map.of("__metadata__", Tensor.scalar(2f))))
                .isInstanceOf(UnsupportedFileException.class)
                .hasMessageContaining("__metadata__");
        assertThatThrownBy(() -> SafeTensors.write(file, Map.of("\ud800", Tensor.scalar(2f))))
                .isInstanceOf(UnsupportedFileException.class)
                .hasMessageContaining("Unicode");
        assertThat(SafeTensors.read(file).tensors()).containsOnlyKeys("a");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void theSameContentGivesTheSameBytes() throws IOException {
        var a = folder.resolve("a");
        var b = folder.resolve("b");
        SafeTensors.write(a, everyType(), Map.of("x", "1", "y", "2", "z", "3"));
        SafeTensors.write(
                b, everyType(), new LinkedHashMap<>(Map.of("z", "3", "y", "2", "x", "1")));
        assertThat(Files.readAllBytes(a)).isEqualTo(Files.readAllBytes(b));
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> SafeTensors.read(folder.resolve("nowhere")))
                .isInstanceOf(FileAccessException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("there is no");
    }

    @Test
    void dtypesOfTheFormatAreOurs() {
        for (var dtype : DType.values()) {
            assertThat(StoredType.of(dtype).dtype()).isEqualTo(dtype);
            assertThat(StoredType.of(dtype).bytes()).isEqualTo(dtype.bytes());
            assertThat(StoredType.of(dtype).exact()).isTrue();
        }
    }
}
