package dev.fathom.data.catalogue;

import dev.fathom.core.error.Spelling;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.UnreadableDataException;
import dev.fathom.data.read.Column;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.Idx;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The data sets that go by a name. Pixels are loaded as numbers from 0 to 1; {@link
 * TrainTest#normalised} is the usual next step.
 *
 * <p>MNIST-1D's features are vectors {@code (40)}; {@code train().reshaped(1, 40, 1)} makes them
 * images for a convolution. With normalised features a linear softmax model reaches a test accuracy
 * of about 0.84 on {@code fashion-mnist}, 0.91 on {@code digits} and 0.33 on {@code mnist-1d}.
 */
public final class Datasets {
    private static final String DIGITS_SHA256 =
            "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8";
    private static final int DIGITS_TRAIN = 1437;
    private static final int DIGITS_WHITE = 16;

    private static final List<String> CLOTHES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");
    private static final List<String> TEN_DIGITS =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();

    /**
     * Hashes of the files in Debian's package dataset-fashion-mnist 0.0~git20200523, decompressed.
     */
    private static final IdxSet FASHION_MNIST =
            new IdxSet(
                    "fashion-mnist",
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                    CLOTHES,
                    List.of("FashionMNIST/raw"),
                    List.of(
                            URI.create(
                                    "https://github.com/zalandoresearch/fashion-mnist"
                                            + "/raw/master/data/fashion/"),
                            URI.create(
                                    "http://fashion-mnist.s3-website.eu-central-1"
                                            + ".amazonaws.com/")));

    /** The first 600 and 100 images of each class, in the original order. */
    private static final IdxSet FASHION_MNIST_SMALL =
            new IdxSet(
                    "fashion-mnist-small",
                    "cf313073c7eb485392848071d5c433571d7166043e971e3345b095cc30518084",
                    "097b93fbcf9bd5bc648b1a457ddc55c9e4ab49afb33f9ecae8ce068399a75e3a",
                    "7cee33c3c6414b1b86c25e665a6c4f41584269de3b7cc9768b1d351922845eef",
                    "3128d790775889812b73c4f13923559c8b9e281d112c6ea7862acf60a206a909",
                    CLOTHES,
                    List.of(),
                    List.of());

    /**
     * The hashes that many independent programs give for the decompressed files of LeCun's page,
     * among them those that also pin the compressed files of the two mirrors below.
     */
    private static final IdxSet MNIST =
            new IdxSet(
                    "mnist",
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                    TEN_DIGITS,
                    List.of("MNIST/raw"),
                    List.of(
                            URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
                            URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/")));

    private static final Shape IMAGE = Shape.of(28, 28, 1);
    private static final String ZALANDO =
            "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, arXiv:1708.07747; (c) 2017 Zalando"
                    + " SE";

    /** One entry of the catalogue; the switches below say how each is loaded. */
    private enum Entry {
        FASHION(
                new DatasetInfo(
                        "fashion-mnist",
                        "photographs of clothes, grey, ten kinds",
                        IMAGE,
                        10,
                        60_000,
                        10_000,
                        "MIT",
                        ZALANDO,
                        false)),
        FASHION_SMALL(
                new DatasetInfo(
                        "fashion-mnist-small",
                        "the first 600 and 100 images of each class of fashion-mnist",
                        IMAGE,
                        10,
                        6_000,
                        1_000,
                        "MIT",
                        ZALANDO,
                        true)),
        HANDWRITTEN(
                new DatasetInfo(
                        "mnist",
                        "handwritten digits, grey",
                        IMAGE,
                        10,
                        60_000,
                        10_000,
                        "not stated by its authors",
                        "Y. LeCun, C. Cortes and C. J. C. Burges, the MNIST database",
                        false)),
        DIGITS(
                new DatasetInfo(
                        "digits",
                        "handwritten digits of 8 x 8 pixels",
                        Shape.of(8, 8, 1),
                        10,
                        1_437,
                        360,
                        "BSD-3-Clause (as part of scikit-learn)",
                        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits,"
                                + " UCI Machine Learning Repository, 1998",
                        true)),
        ONE_DIMENSIONAL(
                new DatasetInfo(
                        "mnist-1d",
                        "ten templates of a curve, moved, sheared and noisy; generated",
                        Shape.of(40),
                        10,
                        4_000,
                        1_000,
                        "generated; the method is published under Apache-2.0",
                        "S. Greydanus and D. Kobak, Scaling down deep learning with MNIST-1D,"
                                + " arXiv:2011.14439",
                        true));

        private final DatasetInfo info;

        Entry(DatasetInfo info) {
            this.info = info;
        }

        /** The files it is kept in, for the sets that do not ship with the library. */
        private Optional<IdxSet> files() {
            return switch (this) {
                case FASHION -> Optional.of(FASHION_MNIST);
                case HANDWRITTEN -> Optional.of(MNIST);
                case FASHION_SMALL, DIGITS, ONE_DIMENSIONAL -> Optional.empty();
            };
        }
    }

    private Datasets() {}

    /** All named data sets. */
    public static List<DatasetInfo> list() {
        return Arrays.stream(Entry.values()).map(entry -> entry.info).toList();
    }

    /**
     * What is known about the data set called {@code name}.
     *
     * @throws DataNotFoundException if there is none of that name
     */
    public static DatasetInfo describe(String name) {
        return entry(name).info;
    }

    /** True if {@link #load(String)} would find files; they are checked only when loaded. */
    public static boolean isAvailable(String name) {
        return isAvailable(name, DataHome.current());
    }

    /** The same with other folders. */
    public static boolean isAvailable(String name, DataHome home) {
        return entry(name).files().map(files -> !files.candidates(home).isEmpty()).orElse(true);
    }

    /**
     * Loads a data set from this machine; never from the network.
     *
     * @throws DataNotFoundException if there is none of that name or it is not on this machine; the
     *     message says where it was looked for and how to get it
     * @throws ChecksumException if its files are not the published ones
     */
    public static TrainTest load(String name) {
        return load(name, DataHome.current());
    }

    /** The same with other folders. */
    public static TrainTest load(String name, DataHome home) {
        return switch (entry(name)) {
            case FASHION -> FASHION_MNIST.load(home);
            case HANDWRITTEN -> MNIST.load(home);
            case FASHION_SMALL -> small();
            case DIGITS -> digits();
            case ONE_DIMENSIONAL -> Mnist1d.load();
        };
    }

    /** The files of a set that can be fetched. */
    static Optional<IdxSet> files(String name) {
        return entry(name).files();
    }

    private static Entry entry(String name) {
        var names = Arrays.stream(Entry.values()).map(entry -> entry.info.name()).toList();
        return Arrays.stream(Entry.values())
                .filter(entry -> entry.info.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataNotFoundException(
                                "there is no data set called '"
                                        + name
                                        + "'"
                                        + Spelling.hint(name, names)
                                        + "; there are "
                                        + String.join(", ", names)));
    }

    private static TrainTest small() {
        var set = FASHION_MNIST_SMALL;
        return set.load(
                "built in",
                member -> {
                    var file = set.name() + "/" + set.name() + "-" + member.gzip();
                    return Idx.parse(file, resource(file));
                });
    }

    /**
     * The rows come writer by writer, so the last 360 are a test on hands that the model has hardly
     * seen; with a random split a linear model would score 0.97 instead of 0.91.
     */
    private static TrainTest digits() {
        var table = Csv.parse("digits.csv.gz", resource("digits/digits.csv.gz"), Csv.Header.ABSENT);
        if (!table.sha256().equals(DIGITS_SHA256)) {
            throw new ChecksumException(
                    "the built-in digits have the SHA-256 "
                            + table.sha256()
                            + " and not "
                            + DIGITS_SHA256
                            + "; this copy of the library is damaged");
        }
        int n = table.size();
        var pixels = new byte[n * 64];
        var labels = new int[n];
        for (int c = 0; c <= 64; c++) {
            if (table.columns().get(c) instanceof Column.Numbers column) {
                for (int row = 0; row < n; row++) {
                    int value = (int) column.value(row);
                    if (c < 64) {
                        pixels[row * 64 + c] = (byte) value;
                    } else {
                        labels[row] = value;
                    }
                }
            }
        }
        Dataset all =
                Dataset.ofBytes(pixels, DIGITS_WHITE, Shape.of(8, 8, 1), labels)
                        .describedAs("digits", "built in", DIGITS_SHA256);
        return new TrainTest(
                all.take(DIGITS_TRAIN), all.subset(IntStream.range(DIGITS_TRAIN, n).toArray()));
    }

    private static byte[] resource(String path) {
        try (var in = Datasets.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new DataNotFoundException(
                        path + " is missing from this copy of the library; build it again");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UnreadableDataException("the built-in " + path + " cannot be read", e);
        }
    }
}
