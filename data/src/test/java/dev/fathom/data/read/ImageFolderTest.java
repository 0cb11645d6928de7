package dev.fathom.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.error.DataException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;

import javax.imageio.ImageIO;

class ImageFolderTest {
    private static byte[] encoded(
            String format, int type, int height, int width, IntBinaryOperator colour)
            throws IOException {
        var image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int value = colour.applyAsInt(x, y);
                if (type == BufferedImage.TYPE_BYTE_GRAY) {
                    image.getRaster().setSample(x, y, 0, value);
                } else {
                    image.setRGB(x, y, value);
                }
            }
        }
        var out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    private static byte[] grey(String format, int height, int width, IntBinaryOperator value)
            throws IOException {
        return encoded(format, BufferedImage.TYPE_BYTE_GRAY, height, width, value);
    }

    private static byte[] colour(String format, int height, int width, int rgb) throws IOException {
        return encoded(format, BufferedImage.TYPE_INT_RGB, height, width, (_, _) -> rgb);
    }

    private static void put(Path folder, String file, byte[] bytes) throws IOException {
        var path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, bytes);
    }

    @Test
    void subFoldersAreClasses(@TempDir Path folder) throws IOException {
        put(folder, "dark/b.png", grey("png", 2, 3, (x, y) -> x + 10 * y));
        put(folder, "dark/deeper/a.PNG", grey("png", 2, 3, (_, _) -> 7));
        put(folder, "bright/1.png", grey("png", 2, 3, (_, _) -> 128));
        put(folder, "bright/notes.txt", new byte[] {1});
        put(folder, ".hidden/1.png", new byte[] {1});
        put(folder, "bright/.1.png", new byte[] {1});
        var data = ImageFolder.read(folder);
        assertThat(data.classNames()).containsExactly("bright", "dark");
        assertThat(data.featureShape()).isEqualTo(Shape.of(2, 3, 1));
        assertThat(data.labels()).containsExactly(0, 1, 1);
        assertThat(bytes(data.example(0).features().toFloats())).containsOnly(128);
        assertThat(bytes(data.example(1).features().toFloats()))
                .containsExactly(0, 1, 2, 10, 11, 12);
        assertThat(data.name()).isEqualTo(folder.getFileName().toString());
        assertThat(data.sha256()).hasSize(64).isEqualTo(ImageFolder.read(folder).sha256());
    }

    private static int[] bytes(float[] values) {
        var bytes = new int[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = Math.round(values[i] * 255);
        }
        return bytes;
    }

    @Test
    void oneColouredImageMakesAllColoured(@TempDir Path folder) throws IOException {
        put(folder, "a/1.png", grey("png", 4, 4, (_, _) -> 90));
        put(folder, "b/1.png", colour("png", 4, 4, 0x204060));
        var data = ImageFolder.read(folder);
        assertThat(data.featureShape()).isEqualTo(Shape.of(4, 4, 3));
        assertThat(bytes(data.example(0).features().toFloats())).containsOnly(90);
        assertThat(bytes(data.example(1).features().toFloats())).startsWith(0x20, 0x40, 0x60, 0x20);
        // 0.299 * 32 + 0.587 * 64 + 0.114 * 96 = 58.08
        var asGrey = ImageFolder.read(folder, new ImageSize(4, 4, 1));
        assertThat(bytes(asGrey.example(1).features().toFloats())).containsOnly(58);
    }

    @Test
    void differentSizesAreBroughtTo64(@TempDir Path folder) throws IOException {
        put(folder, "a/1.png", grey("png", 10, 10, (_, _) -> 90));
        put(folder, "b/1.jpg", grey("jpg", 100, 40, (_, _) -> 200));
        var data = ImageFolder.read(folder);
        assertThat(data.featureShape()).isEqualTo(Shape.of(64, 64, 1));
        assertThat(bytes(data.example(0).features().toFloats())).containsOnly(90);
        for (int value : bytes(data.example(1).features().toFloats())) {
            assertThat(value).isCloseTo(200, within(2)); // JPEG keeps values roughly
        }
    }

    /**
     * Of the columns 0 0 100 100 200 200 the middle four become 2, centred between the 2nd and 3rd
     * and between the 4th and 5th. Triangles of half-width 2 weigh four columns 1/8, 3/8, 3/8, 1/8:
     * (3 * 100 + 100) / 8 = 50 and (100 + 3 * 100 + 3 * 200 + 200) / 8 = 150.
     */
    @Test
    void imagesAreCroppedAroundTheCentreAndAveraged() throws IOException {
        var wide = grey("png", 4, 6, (x, _) -> 100 * (x / 2));
        var small = Images.decode("wide", wide, new ImageSize(2, 2, 1));
        assertThat(small).containsExactly(50, (byte) 150, 50, (byte) 150);
    }

    /** 2 pixels 0 and 100 become 4: bilinear at -0.25, 0.25, 0.75, 1.25, clamped at the ends. */
    @Test
    void imagesGrowByInterpolation() throws IOException {
        var tiny = grey("png", 2, 2, (x, _) -> 100 * x);
        var large = Images.decode("tiny", tiny, new ImageSize(4, 4, 1));
        assertThat(Arrays.copyOf(large, 4)).containsExactly(0, 25, 75, 100);
    }

    @Test
    void transparencyIsLaidOverWhite() throws IOException {
        var image =
                encoded(
                        "png",
                        BufferedImage.TYPE_INT_ARGB,
                        1,
                        2,
                        (x, _) -> x == 0 ? 0 : 0xff102030);
        assertThat(Images.decode("t", image, new ImageSize(1, 2, 3)))
                .containsExactly((byte) 255, (byte) 255, (byte) 255, 0x10, 0x20, 0x30);
    }

    @Test
    void palettesOfGreyAreGrey() throws IOException {
        var image =
                encoded(
                        "png",
                        BufferedImage.TYPE_BYTE_BINARY,
                        1,
                        2,
                        (x, _) -> x == 0 ? 0 : 0xffffff);
        assertThat(Images.header("p", image).coloured()).isFalse();
        assertThat(Images.decode("p", image, new ImageSize(1, 2, 1)))
                .containsExactly(0, (byte) 255);
    }

    @Test
    void badFoldersAreRefused(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> ImageFolder.read(folder.resolve("none")))
                .isInstanceOf(DataNotFoundException.class);
        put(folder, "a/1.png", grey("png", 2, 2, (_, _) -> 1));
        assertThatThrownBy(() -> ImageFolder.read(folder))
                .hasMessageContaining("at least 2 classes");
        Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> ImageFolder.read(folder))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("empty")
                .hasMessageContaining("needs images");
        put(folder, "empty/broken.png", new byte[] {1, 2, 3});
        assertThatThrownBy(() -> ImageFolder.read(folder))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("broken.png");
        var whole = grey("jpg", 30, 30, (x, y) -> x * y % 256);
        put(folder, "empty/broken.png", Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> ImageFolder.read(folder)).hasMessageContaining("broken.png");
        assertThatThrownBy(() -> new ImageSize(0, 1, 1)).hasMessageContaining("0 x 1");
        assertThatThrownBy(() -> new ImageSize(1, 1, 2)).hasMessageContaining("not 2");
    }

    @Test
    void manyImagesAreDecodedWhenNeeded(@TempDir Path folder) throws IOException {
        for (int i = 0; i < 6; i++) {
            int shade = 40 * i;
            put(
                    folder,
                    (i % 2 == 0 ? "a/" : "b/") + i + ".png",
                    grey("png", 5, 5, (_, _) -> shade));
        }
        var size = new ImageSize(3, 3, 1);
        var kept = ImageFolder.read(folder, size);
        var decoded = ImageFolder.read(folder, size, 0);
        assertThat(decoded.all().features().toFloats()).isEqualTo(kept.all().features().toFloats());
        assertThat(decoded.sha256()).isEqualTo(kept.sha256());
        Files.write(folder.resolve("b/5.png"), new byte[] {1});
        assertThatThrownBy(() -> decoded.all())
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("5.png");
    }

    @Test
    void randomDamageGivesOnlyNamedErrors() throws IOException {
        var random = new SplittableRandom(5);
        var png = grey("png", 9, 9, (x, y) -> x * y);
        var jpeg = colour("jpg", 9, 9, 0x336699);
        int refused = 0;
        for (int trial = 0; trial < 600; trial++) {
            try {
                var damaged = Damage.of(trial % 2 == 0 ? png : jpeg, random);
                var image = Images.decode("fuzz", damaged, new ImageSize(4, 4, 3));
                assertThat(image).hasSize(48);
            } catch (DataException e) {
                assertThat(e).hasMessageContaining("fuzz");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(150);
    }
}
