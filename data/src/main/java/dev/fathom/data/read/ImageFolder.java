package dev.fathom.data.read;

import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.error.UnreadableDataException;
import dev.fathom.data.file.Content;
import dev.fathom.data.file.Sha256;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Images sorted into one sub-folder per class:
 *
 * <pre>
 * pets/cat/001.jpg   pets/cat/002.png   pets/dog/a/003.jpeg
 * </pre>
 *
 * <p>Classes are the sub-folders in alphabetical order; the images of a class are the PNG and JPEG
 * files anywhere below it, in alphabetical order; hidden files and folders (a name starting with a
 * dot) and other kinds of file are passed over. All images are brought to one size as {@link
 * Images} describes. They are decoded once and kept as bytes; above 512 MiB they are decoded
 * whenever a batch needs them, and damage shows only then.
 */
public final class ImageFolder {
    private static final int LARGEST_FILE = 1 << 28;
    private static final long KEPT_BYTES = 512L << 20;
    private static final int LARGEST_COMMON_SIDE = 96;
    private static final int OTHERWISE = 64;

    private final Path folder;
    private final List<String> classes = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    private ImageFolder(Path folder) {
        this.folder = folder;
        if (!Files.isDirectory(folder)) {
            throw new DataNotFoundException("there is no folder " + folder.toAbsolutePath());
        }
        for (var sub : list(folder, Files::isDirectory, 1)) {
            var images = list(sub, ImageFolder::isImage, Integer.MAX_VALUE);
            if (images.isEmpty()) {
                throw new MalformedDataException(
                        sub
                                + " holds no .png, .jpg or .jpeg file; every sub-folder of "
                                + folder
                                + " is a class and needs images");
            }
            images.forEach(_ -> labels.add(classes.size()));
            files.addAll(images);
            classes.add(sub.getFileName().toString());
        }
        if (classes.size() < 2) {
            throw new MalformedDataException(
                    folder
                            + " has "
                            + classes.size()
                            + " sub-folders with images; classification"
                            + " needs one for each of at least 2 classes");
        }
    }

    /**
     * Reads a folder at the size its images have in common, if that is at most 96 pixels a side,
     * and otherwise at 64 by 64; in colour if any of them has colour.
     */
    public static Dataset read(Path folder) {
        var images = new ImageFolder(folder);
        var first = images.header(0);
        boolean common = Math.max(first.height(), first.width()) <= LARGEST_COMMON_SIDE;
        boolean coloured = first.coloured();
        for (int i = 1; i < images.files.size(); i++) {
            var header = images.header(i);
            common &= header.height() == first.height() && header.width() == first.width();
            coloured |= header.coloured();
        }
        int channels = coloured ? 3 : 1;
        return images.dataset(
                common
                        ? new ImageSize(first.height(), first.width(), channels)
                        : new ImageSize(OTHERWISE, OTHERWISE, channels));
    }

    /**
     * Reads a folder at a given size.
     *
     * @throws MalformedDataException naming an image that is damaged or a class that has none
     */
    public static Dataset read(Path folder, ImageSize size) {
        return new ImageFolder(folder).dataset(size);
    }

    private Dataset dataset(ImageSize size) {
        return dataset(size, KEPT_BYTES);
    }

    /** For tests: the same with another limit on what is kept in memory. */
    static Dataset read(Path folder, ImageSize size, long keptBytes) {
        return new ImageFolder(folder).dataset(size, keptBytes);
    }

    private Dataset dataset(ImageSize size, long keptBytes) {
        int width = size.shape().length();
        boolean kept = (long) files.size() * width <= keptBytes;
        var pixels = new byte[kept ? files.size() * width : 0];
        var digest = Sha256.digest();
        for (int i = 0; i < files.size(); i++) {
            var bytes = bytes(i);
            digest.update(relative(i).getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
            if (kept) {
                var image = Images.decode(files.get(i).toString(), bytes, size);
                System.arraycopy(image, 0, pixels, i * width, width);
            } else {
                Images.header(files.get(i).toString(), bytes);
            }
        }
        var hash = Sha256.hex(digest);
        var classOf = labels.stream().mapToInt(Integer::intValue).toArray();
        var data =
                kept
                        ? Dataset.ofBytes(pixels, 255, size.shape(), classOf)
                        : Dataset.decoded(
                                (i, into, offset) -> decode(i, size, into, offset),
                                size.shape(),
                                classOf,
                                hash);
        return data.withClassNames(classes).describedAs(name(folder), folder.toString(), hash);
    }

    private void decode(int i, ImageSize size, float[] into, int offset) {
        var image = Images.decode(files.get(i).toString(), bytes(i), size);
        IntStream.range(0, image.length).forEach(j -> into[offset + j] = (image[j] & 0xff) / 255f);
    }

    private Images.Header header(int i) {
        return Images.header(files.get(i).toString(), bytes(i));
    }

    private byte[] bytes(int i) {
        return Content.of(files.get(i)).bytes(LARGEST_FILE);
    }

    /** The path below the folder with {@code /} on every system, so that hashes agree. */
    private String relative(int i) {
        var names = new ArrayList<String>();
        folder.relativize(files.get(i)).forEach(name -> names.add(name.toString()));
        return String.join("/", names);
    }

    private static String name(Path folder) {
        var last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? "images" : last.toString();
    }

    private static boolean isImage(Path file) {
        var name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return Files.isRegularFile(file)
                && (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"));
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted, int depth) {
        try (var walk = Files.walk(folder, depth)) {
            return walk.filter(path -> !path.equals(folder))
                    .filter(path -> !isHidden(folder.relativize(path)))
                    .filter(wanted)
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new UnreadableDataException(folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static boolean isHidden(Path relative) {
        for (var name : relative) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
