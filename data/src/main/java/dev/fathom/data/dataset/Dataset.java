package dev.fathom.data.dataset;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.file.Sha256;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * An immutable list of examples. Each has float32 features of one common shape, {@code (h, w, c)}
 * for images and {@code (d)} for tables, and either a class or {@code k} numbers to predict; or
 * int32 features {@code (t)}, the tokens of a text, and as many to predict.
 *
 * <p>The values are held as bytes, as floats, or decoded on demand; {@link #take}, {@link #subset},
 * {@link #split}, {@link #map} and {@link #normalisedBy} are views of the same values. Safe to
 * share between threads.
 */
public final class Dataset {
    private static final long SPLIT_STREAM = -1;

    private final String name;
    private final String source;
    private final Optional<String> sha256;
    private final Features features;
    private final Targets targets;
    private final Shape shape;
    private final int[] rows;
    private final List<Transform> transforms;

    private Dataset(
            String name,
            String source,
            Optional<String> sha256,
            Features features,
            Targets targets,
            Shape shape,
            int[] rows,
            List<Transform> transforms) {
        this.name = name;
        this.source = source;
        this.sha256 = sha256;
        this.features = features;
        this.targets = targets;
        this.shape = shape;
        this.rows = rows;
        this.transforms = transforms;
    }

    private static Dataset of(Features features, Targets targets, Shape shape) {
        if (shape.rank() == 0 || shape.size() == 0) {
            throw new MalformedDataException(
                    "features of shape " + shape + " hold no values; give them at least one axis");
        }
        if (targets.count() == 0) {
            throw new MalformedDataException("a data set needs at least one example");
        }
        int[] all = IntStream.range(0, targets.count()).toArray();
        return new Dataset(
                "in-memory", "memory", Optional.empty(), features, targets, shape, all, List.of());
    }

    /**
     * Examples from two tensors.
     *
     * @param features float32 {@code (n, ...)}
     * @param labels int32 {@code (n)} for classes counted from 0, float32 {@code (n)} or {@code (n,
     *     k)} for numbers
     */
    public static Dataset of(Tensor features, Tensor labels) {
        if (features.rank() < 2 || labels.rank() < 1 || features.dim(0) != labels.dim(0)) {
            throw new MalformedDataException(
                    "features "
                            + features.type()
                            + " and labels "
                            + labels.type()
                            + " do not belong together: features are (n, ...) and labels (n) or (n,"
                            + " k)");
        }
        int[] dims = features.shape().dims();
        var shape = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
        return switch (labels.dtype()) {
            case INT32 ->
                    labels.rank() == 1
                            ? ofFloats(features.toFloats(), shape, labels.toInts())
                            : refuse(labels);
            case FLOAT32 ->
                    labels.rank() <= 2
                            ? ofFloats(
                                    features.toFloats(),
                                    shape,
                                    labels.toFloats(),
                                    labels.rank() == 1 ? 1 : labels.dim(1))
                            : refuse(labels);
            case FLOAT64, INT64, BOOL, BFLOAT16 -> refuse(labels);
        };
    }

    private static Dataset refuse(Tensor labels) {
        throw new MalformedDataException(
                "labels are int32 (n) for classes or float32 (n) or (n, k) for numbers, not "
                        + labels.type());
    }

    /** Examples of float features with classes 0, 1, 2, ...; the arrays are copied. */
    public static Dataset ofFloats(float[] features, Shape shape, int[] labels) {
        var copy = features.clone();
        int width = width(copy.length, shape, labels.length);
        return of(
                new Features.Floats(copy, width), Targets.Classes.numbered(labels.clone()), shape);
    }

    /** Examples of float features with {@code k} numbers each to predict; the arrays are copied. */
    public static Dataset ofFloats(float[] features, Shape shape, float[] targets, int k) {
        if (k < 1 || targets.length % k != 0) {
            throw new MalformedDataException(
                    targets.length + " target values are not a whole number of rows of " + k);
        }
        var copy = features.clone();
        int width = width(copy.length, shape, targets.length / k);
        return of(new Features.Floats(copy, width), new Targets.Numbers(targets.clone(), k), shape);
    }

    /**
     * Images held as unsigned bytes with classes 0, 1, 2, ...; byte {@code b} stands for the
     * feature {@code b / white}. The arrays are copied.
     *
     * @param white the byte that means 1, usually 255
     */
    public static Dataset ofBytes(byte[] pixels, int white, Shape shape, int[] labels) {
        if (white < 1 || white > 255) {
            throw new MalformedDataException("white is a byte from 1 to 255, not " + white);
        }
        var copy = pixels.clone();
        int width = width(copy.length, shape, labels.length);
        return of(
                Features.Bytes.of(copy, width, white),
                Targets.Classes.numbered(labels.clone()),
                shape);
    }

    /** The same with {@code k} numbers each to predict. */
    public static Dataset ofBytes(byte[] pixels, int white, Shape shape, float[] targets, int k) {
        if (k < 1 || targets.length % k != 0) {
            throw new MalformedDataException(
                    targets.length + " target values are not a whole number of rows of " + k);
        }
        var unlabelled = ofBytes(pixels, white, shape, new int[targets.length / k]);
        return of(unlabelled.features, new Targets.Numbers(targets.clone(), k), shape);
    }

    /**
     * Examples whose features are decoded whenever they are needed.
     *
     * @param sha256 the hash of what they are decoded from
     */
    public static Dataset decoded(Decoder decoder, Shape shape, int[] labels, String sha256) {
        var data =
                of(new Features.Decoded(decoder), Targets.Classes.numbered(labels.clone()), shape);
        return data.describedAs(data.name, data.source, sha256);
    }

    /**
     * Windows of {@code context} neighbouring tokens; to be predicted is, at each place, the token
     * that follows. Window {@code i} begins at token {@code i stride}; tokens at the end that fill
     * no window are left out. Features and labels of a batch are int32 {@code (n, context)}.
     *
     * @param ids the text as token numbers; the array is copied
     * @param names what the tokens 0, 1, 2, ... are called
     * @throws MalformedDataException if the text is not longer than the context
     */
    public static Dataset ofTokens(int[] ids, int context, int stride, List<String> names) {
        if (context < 1 || stride < 1) {
            throw new MalformedDataException(
                    "windows of " + context + " tokens every " + stride + " are not possible");
        }
        if (ids.length <= context) {
            throw new MalformedDataException(
                    "the text has "
                            + ids.length
                            + " tokens and the context "
                            + context
                            + "; a window needs one token more than the context: take a longer"
                            + " text or a shorter context");
        }
        var copy = ids.clone();
        int count = (ids.length - 1 - context) / stride + 1;
        return of(
                new Features.Tokens(copy, context, stride),
                new Targets.Next(copy, context, stride, count, names),
                Shape.of(context));
    }

    private static int width(int values, Shape shape, int count) {
        if (values != shape.size() * count) {
            throw new MalformedDataException(
                    values
                            + " feature values do not make "
                            + count
                            + " examples of shape "
                            + shape);
        }
        return shape.length();
    }

    // ---- what it is ----

    /** What the data set is called. */
    public String name() {
        return name;
    }

    /** Where the values came from: a file, a folder, a generator. */
    public String source() {
        return source;
    }

    /**
     * The SHA-256 of what was read: of a file's decompressed bytes, or of several files one after
     * the other; of the stored values and targets, little-endian, where there was no file. A view
     * keeps the hash of its origin.
     */
    public String sha256() {
        return sha256.orElseGet(() -> Sha256.of(features.identity(), targets.identity()));
    }

    /** The same examples with another name and origin. */
    public Dataset describedAs(String name, String source, String sha256) {
        return new Dataset(
                name, source, Optional.of(sha256), features, targets, shape, rows, transforms);
    }

    /** The same examples with names for their classes, at least as many as there are labels. */
    public Dataset withClassNames(List<String> names) {
        return switch (targets) {
            case Targets.Classes c ->
                    new Dataset(
                            name,
                            source,
                            sha256,
                            features,
                            new Targets.Classes(c.labels(), names),
                            shape,
                            rows,
                            transforms);
            case Targets.Next _ ->
                    throw new MalformedDataException(name + " predicts tokens, which have names");
            case Targets.Numbers _ ->
                    throw new MalformedDataException(name + " predicts numbers; it has no classes");
        };
    }

    /** Number of examples. */
    public int size() {
        return rows.length;
    }

    /** The shape of one example's features. */
    public Shape featureShape() {
        return shape;
    }

    /** True if classes are to be predicted, false for numbers. */
    public boolean isClassification() {
        return switch (targets) {
            case Targets.Classes _, Targets.Next _ -> true;
            case Targets.Numbers _ -> false;
        };
    }

    /** The names of the classes; none if numbers are to be predicted. */
    public List<String> classNames() {
        return switch (targets) {
            case Targets.Classes c -> c.names();
            case Targets.Next t -> t.names();
            case Targets.Numbers _ -> List.of();
        };
    }

    /** How many values a model must give for one example: the number of classes or of targets. */
    public int outputs() {
        return switch (targets) {
            case Targets.Classes c -> c.names().size();
            case Targets.Next t -> t.names().size();
            case Targets.Numbers n -> n.width();
        };
    }

    /**
     * The classes of all examples, in their order.
     *
     * @throws MalformedDataException if numbers or the tokens of a text are to be predicted
     */
    public int[] labels() {
        return switch (targets) {
            case Targets.Classes c -> IntStream.of(rows).map(r -> c.labels()[r]).toArray();
            case Targets.Next _ ->
                    throw new MalformedDataException(
                            name + " predicts many tokens of each example, not one class");
            case Targets.Numbers _ ->
                    throw new MalformedDataException(name + " predicts numbers; it has no classes");
        };
    }

    /** How many examples each class has; empty unless each example has one. */
    public int[] classCounts() {
        return switch (targets) {
            case Targets.Classes c -> {
                var counts = new int[c.names().size()];
                for (int label : labels()) {
                    counts[label]++;
                }
                yield counts;
            }
            case Targets.Next _, Targets.Numbers _ -> new int[0];
        };
    }

    // ---- examples ----

    /** Example {@code i}. */
    public Example example(int i) {
        var one = subset(i);
        var values = new float[shape.length()];
        one.readFeatures(0, values, 0);
        return new Example(features.tensor(values, shape.dims()), targets.of(one.rows[0]));
    }

    /** All examples as one batch, in their order. */
    public Batch all() {
        return batches(size()).batch(0, 0);
    }

    /** Batches of {@code size} examples in their order; see {@link Batches} for the rest. */
    public Batches batches(int size) {
        return Batches.of(this, size);
    }

    /** Writes the features of example {@code i} as floats to {@code into} from {@code offset}. */
    public void readFeatures(int i, float[] into, int offset) {
        features.read(rows[i], into, offset);
        for (var transform : transforms) {
            transform.apply(into, offset, shape.length());
        }
    }

    /** A batch before its numbers become tensors; made on whichever thread prepares it. */
    record Gathered(float[] features, int[] rows, int index) {
        Batch batch(Dataset data) {
            int[] dims = new int[data.shape.rank() + 1];
            dims[0] = rows.length;
            System.arraycopy(data.shape.dims(), 0, dims, 1, dims.length - 1);
            return new Batch(
                    data.features.tensor(features, dims),
                    data.targets.of(rows),
                    index,
                    rows.length);
        }
    }

    Gathered gather(int[] examples, int index) {
        int width = shape.length();
        var values = new float[Math.multiplyExact(examples.length, width)];
        var chosen = new int[examples.length];
        for (int i = 0; i < examples.length; i++) {
            readFeatures(examples[i], values, i * width);
            chosen[i] = rows[examples[i]];
        }
        return new Gathered(values, chosen, index);
    }

    // ---- views ----

    private Dataset withRows(int[] chosen) {
        return new Dataset(name, source, sha256, features, targets, shape, chosen, transforms);
    }

    /** The first {@code n} examples, or all if there are fewer. */
    public Dataset take(int n) {
        if (n < 1) {
            throw new MalformedDataException("take(" + n + ") leaves no example; take at least 1");
        }
        return withRows(Arrays.copyOf(rows, Math.min(n, rows.length)));
    }

    /** The examples at the given places, in that order; a place may occur twice. */
    public Dataset subset(int... places) {
        if (places.length == 0) {
            throw new MalformedDataException("a subset needs at least one example");
        }
        var chosen = new int[places.length];
        for (int i = 0; i < places.length; i++) {
            if (places[i] < 0 || places[i] >= rows.length) {
                throw new MalformedDataException(
                        name
                                + " has no example "
                                + places[i]
                                + "; they run from 0 to "
                                + (rows.length - 1));
            }
            chosen[i] = rows[places[i]];
        }
        return withRows(chosen);
    }

    /**
     * The same values seen in another shape of equal size, such as {@code (1, 40, 1)} for {@code
     * (40)}.
     */
    public Dataset reshaped(int... dims) {
        var other = Shape.of(dims);
        if (other.size() != shape.size()) {
            throw new MalformedDataException(
                    name
                            + " has features of shape "
                            + shape
                            + ", which cannot be seen as "
                            + other);
        }
        return new Dataset(name, source, sha256, features, targets, other, rows, transforms);
    }

    /**
     * Every example {@code count} times over, as features (count, ..): views of it, which {@code
     * augmented} changes each for itself.
     */
    public Dataset views(int count) {
        if (count < 1 || features instanceof Features.Tokens) {
            throw new MalformedDataException(
                    name
                            + ": views("
                            + count
                            + ") of "
                            + shape
                            + " cannot be; take at least 1, of images or numbers");
        }
        return new Dataset(
                name,
                source,
                sha256,
                new Features.Repeated(features, shape.length(), count),
                targets,
                shape.insert(0, count),
                rows,
                transforms);
    }

    /** The same examples with their features changed on the way out. */
    public Dataset map(Transform transform) {
        if (features instanceof Features.Tokens) {
            throw new MalformedDataException(
                    name + " holds token numbers; calculating with them has no meaning");
        }
        var more = new ArrayList<>(transforms);
        more.add(transform);
        return new Dataset(name, source, sha256, features, targets, shape, rows, List.copyOf(more));
    }

    /** {@link #map} with a normalisation, which {@link #normalisation} then remembers. */
    public Dataset normalisedBy(Normalisation normalisation) {
        return map(normalisation);
    }

    /** The same examples as they were stored, without any {@link #map}: what a picture shows. */
    public Dataset unmapped() {
        return new Dataset(name, source, sha256, features, targets, shape, rows, List.of());
    }

    /** The normalisation that is applied last, if there is one. */
    public Optional<Normalisation> normalisation() {
        return transforms.reversed().stream()
                .filter(Normalisation.class::isInstance)
                .map(Normalisation.class::cast)
                .findFirst();
    }

    // ---- splits ----

    /**
     * Two disjoint parts chosen at random: {@code fraction} of the examples, rounded, for
     * validation and the rest for training, each in their original order.
     *
     * @param fraction between 0 and 1; both parts must get an example
     */
    public Split split(double fraction, long seed) {
        int held = share(fraction, rows.length);
        if (held == 0 || held == rows.length) {
            throw new MalformedDataException(
                    "a split of "
                            + rows.length
                            + " examples at "
                            + fraction
                            + " leaves one part empty");
        }
        var order = Shuffle.permutation(rows.length, seed, SPLIT_STREAM);
        return splitAt(Arrays.copyOf(order, held));
    }

    /** {@link #split(double, long)} with the randomness of a key. */
    public Split split(double fraction, Key key) {
        return split(fraction, seed(key));
    }

    /**
     * The same, taking {@code fraction} of every class, so that both parts have the classes in the
     * proportions of the whole.
     */
    public Split splitStratified(double fraction, long seed) {
        var labels = labels();
        var order = Shuffle.permutation(rows.length, seed, SPLIT_STREAM);
        var counts = classCounts();
        var left = new int[counts.length];
        for (int c = 0; c < counts.length; c++) {
            left[c] = share(fraction, counts[c]);
        }
        var held = IntStream.of(order).filter(i -> left[labels[i]]-- > 0).toArray();
        if (held.length == 0 || held.length == rows.length) {
            throw new MalformedDataException(
                    "a stratified split of "
                            + rows.length
                            + " examples at "
                            + fraction
                            + " leaves one part empty; the largest of its "
                            + counts.length
                            + " classes has "
                            + IntStream.of(counts).max().orElse(0));
        }
        return splitAt(held);
    }

    /** {@link #splitStratified(double, long)} with the randomness of a key. */
    public Split splitStratified(double fraction, Key key) {
        return splitStratified(fraction, seed(key));
    }

    private static int share(double fraction, int count) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new MalformedDataException(
                    "the validation fraction lies between 0 and 1, not at " + fraction);
        }
        return (int) Math.round(fraction * count);
    }

    private Split splitAt(int[] held) {
        var isHeld = new boolean[rows.length];
        for (int i : held) {
            isHeld[i] = true;
        }
        var train = IntStream.range(0, rows.length).filter(i -> !isHeld[i]).toArray();
        var validation = IntStream.range(0, rows.length).filter(i -> isHeld[i]).toArray();
        return new Split(subset(train), subset(validation));
    }

    /** The 64 bits of a key, for everything here that is shuffled. */
    static long seed(Key key) {
        int[] words = key.bits().toInts();
        return (long) words[0] << 32 | words[1] & 0xffff_ffffL;
    }

    @Override
    public String toString() {
        return name
                + ": "
                + size()
                + " examples of "
                + shape
                + ", "
                + (isClassification() ? outputs() + " classes" : outputs() + " numbers to predict")
                + " ("
                + source
                + ")";
    }
}
