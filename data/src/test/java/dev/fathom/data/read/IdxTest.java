package dev.fathom.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.error.DataException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

class IdxTest {
    private static byte[] idx(int code, int[] dims, byte... elements) {
        var buffer = ByteBuffer.allocate(4 + 4 * dims.length + elements.length);
        buffer.put((byte) 0).put((byte) 0).put((byte) code).put((byte) dims.length);
        for (int d : dims) {
            buffer.putInt(d);
        }
        return buffer.put(elements).array();
    }

    private static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] images() {
        return idx(
                0x08,
                new int[] {2, 1, 3},
                (byte) 0,
                (byte) 255,
                (byte) 51,
                (byte) 1,
                (byte) 2,
                (byte) 3);
    }

    @Test
    void everyTypeIsRead() {
        assertThat(
                        Idx.parse("u8", idx(0x08, new int[] {2}, (byte) 200, (byte) 1))
                                .tensor()
                                .toInts())
                .containsExactly(200, 1);
        assertThat(
                        Idx.parse("i8", idx(0x09, new int[] {2}, (byte) 200, (byte) 1))
                                .tensor()
                                .toInts())
                .containsExactly(-56, 1);
        assertThat(
                        Idx.parse("i16", idx(0x0B, new int[] {1}, (byte) 0xff, (byte) 0xfe))
                                .tensor()
                                .toInts())
                .containsExactly(-2);
        assertThat(
                        Idx.parse("i32", idx(0x0C, new int[] {1}, new byte[] {1, 2, 3, 4}))
                                .tensor()
                                .toInts())
                .containsExactly(0x01020304);
        var single = ByteBuffer.allocate(8).putFloat(1.5f).putFloat(-2).array();
        assertThat(Idx.parse("f32", idx(0x0D, new int[] {2, 1}, single)).tensor().toFloats())
                .containsExactly(1.5f, -2f);
        var twice = ByteBuffer.allocate(8).putDouble(0.1).array();
        var tensor = Idx.parse("f64", idx(0x0E, new int[] {1, 1, 1}, twice)).tensor();
        assertThat(tensor.dtype()).isEqualTo(DType.FLOAT64);
        assertThat(tensor.toDoubles()).containsExactly(0.1);
        assertThat(tensor.shape()).isEqualTo(Shape.of(1, 1, 1));
    }

    @Test
    void gzipIsRecognisedByItsContents(@TempDir Path folder) throws IOException {
        var file = Files.write(folder.resolve("images"), gzip(images()));
        var read = Idx.read(file);
        assertThat(read.shape()).isEqualTo(Shape.of(2, 1, 3));
        assertThat(read.type()).isEqualTo(Idx.Type.UINT8);
        assertThat(read.sha256()).isEqualTo(Idx.parse("plain", images()).sha256());
    }

    @Test
    void imagesAndLabelsMakeADataSet() {
        var labels = Idx.parse("labels", idx(0x08, new int[] {2}, (byte) 3, (byte) 0));
        var data = Idx.dataset(Idx.parse("images", images()), labels);
        assertThat(data.featureShape()).isEqualTo(Shape.of(1, 3, 1));
        assertThat(data.all().features().toFloats())
                .containsExactly(0f, 1f, 0.2f, 1 / 255f, 2 / 255f, 3 / 255f);
        assertThat(data.labels()).containsExactly(3, 0);
        assertThat(data.outputs()).isEqualTo(4);
        assertThat(data.source()).isEqualTo("images and labels");
        var numbers =
                Idx.parse(
                        "y",
                        idx(0x0D, new int[] {2, 1}, ByteBuffer.allocate(8).putFloat(5).array()));
        var regression = Idx.dataset(Idx.parse("images", images()), numbers);
        assertThat(regression.all().labels().toFloats()).containsExactly(5f, 0f);
        var shorts = Idx.parse("x", idx(0x0B, new int[] {2, 1}, new byte[] {0, 7, 1, 0}));
        assertThat(Idx.dataset(shorts, labels).all().features().toFloats())
                .containsExactly(7f, 256f);
    }

    /** printf '\0\0\10\1\0\0\0\1\5' | sha256sum. */
    @Test
    void theHashIsThatOfTheDecompressedFile() {
        assertThat(Idx.parse("a", gzip(idx(0x08, new int[] {1}, (byte) 5))).sha256())
                .isEqualTo("3afb77842a393f5177431fbff622da97dcf83b0818befe62777f51c37eba4401");
    }

    @Test
    void everyDamageIsNamed() {
        refused("not an IDX file: it starts with 01 00", 1, 0, 8, 1, 0, 0, 0, 1, 5);
        refused("type code 0x07", 0, 0, 7, 1, 0, 0, 0, 1, 5);
        refused("no axes", 0, 0, 8, 0);
        refused("ends inside the header", 0, 0, 8);
        refused("ends inside the header", 0, 0, 8, 2, 0, 0, 0, 1, 0);
        refused("promises 3 bytes but the file cannot", 0, 0, 8, 1, 0, 0, 0, 3);
        refused("goes on after the 1 bytes", 0, 0, 8, 1, 0, 0, 0, 1, 5, 6);
        refused("more than an array can hold", 0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 5);
        refused("more than an array can hold", 0, 0, 14, 2, 0, 1, 0, 0, 0, 1, 0, 0, 5);
        refused("promises 2013265920 bytes", 0, 0, 8, 1, 0x78, 0, 0, 0, 5);
    }

    private static void refused(String reason, int... bytes) {
        var file = new byte[bytes.length];
        for (int i = 0; i < file.length; i++) {
            file[i] = (byte) bytes[i];
        }
        assertThatThrownBy(() -> Idx.parse("a.idx", file))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("a.idx")
                .hasMessageContaining(reason);
    }

    @Test
    void damagedGzipIsNamed() {
        var zipped = gzip(images());
        assertThatThrownBy(() -> Idx.parse("a.gz", Arrays.copyOf(zipped, zipped.length - 9)))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("a.gz");
        zipped[zipped.length - 5] ^= 1; // a bit of the checksum
        assertThatThrownBy(() -> Idx.parse("a.gz", zipped))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("damaged or cut short");
        // 2 GB promised by a file of some 30 bytes, which gzip cannot hold either.
        assertThatThrownBy(
                        () -> Idx.parse("b.gz", gzip(idx(0x08, new int[] {0x70000000}, (byte) 1))))
                .hasMessageContaining("cannot hold");
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused(@TempDir Path folder) {
        var images = Idx.parse("images", images());
        var three = Idx.parse("labels", idx(0x08, new int[] {3}, new byte[3]));
        assertThatThrownBy(() -> Idx.dataset(images, three)).hasMessageContaining("(3,)");
        assertThatThrownBy(() -> Idx.dataset(images, images))
                .hasMessageContaining("labels are integers");
        assertThatThrownBy(() -> Idx.read(folder.resolve("none")))
                .isInstanceOf(DataNotFoundException.class);
        assertThatThrownBy(() -> Idx.read(folder))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessageContaining("is a folder");
    }

    @Test
    void randomDamageGivesOnlyNamedErrors() {
        var random = new SplittableRandom(2024);
        int refused = 0;
        for (int trial = 0; trial < 4000; trial++) {
            var bytes = trial % 2 == 0 ? images() : gzip(images());
            var damaged = Damage.of(bytes, random);
            try {
                var read = Idx.parse("fuzz", damaged);
                assertThat(read.shape().size()).isLessThan(1000);
            } catch (DataException e) {
                assertThat(e).hasMessageContaining("fuzz");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(2000);
    }
}
