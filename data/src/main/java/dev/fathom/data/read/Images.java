package dev.fathom.data.read;

import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.file.Content;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Single PNG and JPEG images as bytes {@code (height, width, channels)}, row-major.
 *
 * <p>An image of another size is first cropped to the wanted proportions around its centre, then
 * scaled with a triangle filter as wide as one pixel of the coarser of the two grids: bilinear
 * interpolation when it grows, a weighted average of all pixels when it shrinks. Transparent pixels
 * are laid over white. Colour becomes grey by the luma of ITU-R BT.601, {@code 0.299 R + 0.587 G +
 * 0.114 B}.
 */
public final class Images {
    private static final int LARGEST_FILE = 1 << 28;
    private static final Pattern DAMAGE =
            Pattern.compile("truncat|premature|corrupt", Pattern.CASE_INSENSITIVE);
    private static final long MOST_PIXELS = 100_000_000;

    private Images() {}

    /** What the header of an image file says. */
    record Header(int height, int width, boolean coloured) {}

    private interface Use<R> {
        R read(ImageReader reader) throws IOException;
    }

    /**
     * Reads an image and brings it to {@code size}.
     *
     * @throws MalformedDataException naming the file, if it is not an image or is damaged
     */
    public static byte[] read(Path file, ImageSize size) {
        return decode(file.toString(), Content.of(file).bytes(LARGEST_FILE), size);
    }

    static byte[] decode(String label, byte[] file, ImageSize size) {
        var image = open(label, file, reader -> pixels(label, reader));
        return resize(image, size);
    }

    static Header header(String label, byte[] file) {
        return open(
                label,
                file,
                reader -> {
                    checkSize(label, reader);
                    return new Header(reader.getHeight(0), reader.getWidth(0), isColoured(reader));
                });
    }

    private static <R> R open(String label, byte[] file, Use<R> use) {
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            var readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new MalformedDataException(label + " is not a PNG or JPEG image");
            }
            var reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return use.read(reader);
            } finally {
                reader.dispose();
            }
        } catch (MalformedDataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The JDK's decoders answer damaged files with whatever exception they run into.
            throw new MalformedDataException(label + " is a damaged image: " + e.getMessage(), e);
        }
    }

    private static void checkSize(String label, ImageReader reader) throws IOException {
        long pixels = (long) reader.getHeight(0) * reader.getWidth(0);
        if (pixels < 1 || pixels > MOST_PIXELS) {
            throw new MalformedDataException(
                    label
                            + " has "
                            + reader.getHeight(0)
                            + " x "
                            + reader.getWidth(0)
                            + " pixels; at most "
                            + MOST_PIXELS
                            + " are read");
        }
    }

    private static boolean isColoured(ImageReader reader) throws IOException {
        var type = reader.getRawImageType(0);
        return switch (type == null ? null : type.getColorModel()) {
            case null -> true;
            case IndexColorModel palette ->
                    IntStream.range(0, palette.getMapSize())
                            .map(palette::getRGB)
                            .anyMatch(c ->
                                    (c & 0xff) != (c >> 8 & 0xff)
                                            || (c & 0xff) != (c >> 16 & 0xff));
            case ColorModel model -> model.getColorSpace().getType() != ColorSpace.TYPE_GRAY;
        };
    }

    /** An image as values from 0 to 255: one plane for each of its channels. */
    private record Planes(int height, int width, float[][] planes) {}

    private static Planes pixels(String label, ImageReader reader) throws IOException {
        checkSize(label, reader);
        var warnings = new ArrayList<String>();
        reader.addIIOReadWarningListener((_, warning) -> warnings.add(warning));
        var image = reader.read(0);
        for (var warning : warnings) {
            if (DAMAGE.matcher(warning).find()) {
                throw new MalformedDataException(label + " is a damaged image: " + warning);
            }
        }
        var colours = image.getColorModel();
        boolean grey = colours.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
        return grey ? grey(image, colours) : colour(image);
    }

    /** Grey samples as stored: Java's own conversion would take them for linear light. */
    private static Planes grey(BufferedImage image, ColorModel colours) {
        int height = image.getHeight();
        int width = image.getWidth();
        var raster = image.getRaster();
        float white = (1 << colours.getComponentSize(0)) - 1;
        boolean alpha = colours.hasAlpha() && raster.getNumBands() > 1;
        var plane = new float[height * width];
        for (int i = 0; i < plane.length; i++) {
            int x = i % width;
            int y = i / width;
            float value = raster.getSample(x, y, 0) * 255 / white;
            float opacity = alpha ? raster.getSample(x, y, 1) / white : 1;
            plane[i] = opacity * value + (1 - opacity) * 255;
        }
        return new Planes(height, width, new float[][] {plane});
    }

    private static Planes colour(BufferedImage image) {
        int height = image.getHeight();
        int width = image.getWidth();
        var planes = new float[3][height * width];
        var row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                float opacity = (row[x] >>> 24) / 255f;
                for (int c = 0; c < 3; c++) {
                    int value = row[x] >> (16 - 8 * c) & 0xff;
                    planes[c][y * width + x] = opacity * value + (1 - opacity) * 255;
                }
            }
        }
        return new Planes(height, width, planes);
    }

    private static byte[] resize(Planes image, ImageSize size) {
        var planes = image.planes;
        if (size.channels() == 1 && planes.length == 3) {
            planes = new float[][] {luma(planes)};
        }
        var out = new byte[size.shape().length()];
        double wanted = (double) size.width() / size.height();
        double cropWidth = Math.min(image.width, image.height * wanted);
        double cropHeight = Math.min(image.height, image.width / wanted);
        var across = new Filter(image.width, cropWidth, size.width());
        var down = new Filter(image.height, cropHeight, size.height());
        for (int c = 0; c < size.channels(); c++) {
            var plane = planes[planes.length == 1 ? 0 : c];
            var narrow = new float[image.height * size.width()];
            for (int y = 0; y < image.height; y++) {
                for (int x = 0; x < size.width(); x++) {
                    narrow[y * size.width() + x] = across.at(x, plane, y * image.width, 1);
                }
            }
            for (int y = 0; y < size.height(); y++) {
                for (int x = 0; x < size.width(); x++) {
                    int value = Math.round(down.at(y, narrow, x, size.width()));
                    out[(y * size.width() + x) * size.channels() + c] =
                            (byte) Math.clamp(value, 0, 255);
                }
            }
        }
        return out;
    }

    private static float[] luma(float[][] rgb) {
        var grey = new float[rgb[0].length];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = 0.299f * rgb[0][i] + 0.587f * rgb[1][i] + 0.114f * rgb[2][i];
        }
        return grey;
    }

    /** Weights of one axis: the middle {@code crop} of {@code from} pixels become {@code to}. */
    private static final class Filter {
        private final int[] first;
        private final float[][] weights;

        Filter(int from, double crop, int to) {
            first = new int[to];
            weights = new float[to][];
            double scale = crop / to;
            double reach = Math.max(1, scale);
            for (int i = 0; i < to; i++) {
                double centre = (from - crop) / 2 + (i + 0.5) * scale;
                first[i] = Math.clamp((int) Math.floor(centre - reach), 0, from - 1);
                int last = Math.clamp((int) Math.ceil(centre + reach), first[i] + 1, from);
                weights[i] = new float[last - first[i]];
                double sum = 0;
                for (int j = 0; j < weights[i].length; j++) {
                    double distance = Math.abs(first[i] + j + 0.5 - centre) / reach;
                    weights[i][j] = (float) Math.max(0, 1 - distance);
                    sum += weights[i][j];
                }
                for (int j = 0; j < weights[i].length; j++) {
                    weights[i][j] /= (float) sum;
                }
            }
        }

        float at(int i, float[] values, int offset, int stride) {
            float sum = 0;
            for (int j = 0; j < weights[i].length; j++) {
                sum += weights[i][j] * values[offset + (first[i] + j) * stride];
            }
            return sum;
        }
    }
}
