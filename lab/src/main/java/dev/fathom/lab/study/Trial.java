package dev.fathom.lab.study;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Grid;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of a study with one seed: where its random numbers come from, and where its measurements
 * go.
 *
 * <p>The random streams have names and do not disturb each other: another initialisation sees the
 * same data in the same order. Each is the same key whenever it is asked for; split it for more.
 */
public final class Trial {
    private final Card card;
    private final Tier tier;
    private final Key key;
    private final int index;
    private final Monitor monitor;
    private final Map<String, Measurement> measurements = new LinkedHashMap<>();
    private final Map<String, List<double[]>> curves = new LinkedHashMap<>();
    private final Map<String, Grid> grids = new LinkedHashMap<>();
    private final Map<String, String> checksums = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    private Trial(Card card, Tier tier, Key key, int index, Monitor monitor) {
        this.card = card;
        this.tier = tier;
        this.key = key;
        this.index = index;
        this.monitor = monitor;
    }

    /** The trial number {@code index} of the run that {@code seed} stands for. */
    public static Trial of(Card card, Tier tier, long seed, int index, Monitor monitor) {
        return new Trial(card, tier, Key.of(seed).fold(index), index, monitor);
    }

    /** The trial of the controls. */
    public static Trial ofControls(Card card, Tier tier, long seed, Monitor monitor) {
        return new Trial(card, tier, Key.of(seed).stream("controls"), 0, monitor);
    }

    /** How much the run may cost: {@code trial.tier().pick(100, 1000, 10_000)}. */
    public Tier tier() {
        return tier;
    }

    /** 0 for the first seed: a place for pictures that one seed is enough for. */
    public int index() {
        return index;
    }

    /** Random numbers of the data. */
    public Key data() {
        return stream("data");
    }

    /** Random numbers of the first values of parameters. */
    public Key init() {
        return stream("init");
    }

    /** Random numbers of the order in which examples are seen. */
    public Key order() {
        return stream("order");
    }

    /** Random numbers that layers draw in a forward pass. */
    public Key dropout() {
        return stream("dropout");
    }

    /** Random numbers of another purpose. */
    public Key stream(String name) {
        return key.stream(name);
    }

    /** Records a number, under the name that the card registered or as an observation beside it. */
    public void measure(String name, double value) {
        measure(name, new Measurement(value, Double.NaN, Double.NaN));
    }

    /** Records a number and the oracle that only the run itself knows. */
    public void measure(String name, double value, double oracle) {
        measure(name, new Measurement(value, Double.NaN, oracle));
    }

    /** Records a mean over repetitions with its standard error. */
    public void measure(String name, Estimate estimate) {
        measure(name, new Measurement(estimate.value(), estimate.error(), Double.NaN));
    }

    /** Records a mean over repetitions, and the oracle that only the run itself knows. */
    public void measure(String name, Estimate estimate, double oracle) {
        measure(name, new Measurement(estimate.value(), estimate.error(), oracle));
    }

    /** Records whether something is so: 1 if it is, 0 if not. */
    public void measure(String name, boolean so) {
        measure(name, so ? 1 : 0);
    }

    private void measure(String name, Measurement measurement) {
        if (measurements.putIfAbsent(name, measurement) != null) {
            throw new StudyException(
                    "study %s (%s) measured \"%s\" twice in one trial"
                            .formatted(card.id(), card.name(), name));
        }
    }

    /** Adds a point to a curve. */
    public void point(String curve, double x, double y) {
        curves.computeIfAbsent(curve, _ -> new ArrayList<>()).add(new double[] {x, y});
    }

    /** Records a whole curve, or a cloud of points. */
    public void curve(String name, double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            point(name, x[i], y[i]);
        }
    }

    /** Records the values of y against their positions 0, 1, 2, ... */
    public void curve(String name, double[] y) {
        for (int i = 0; i < y.length; i++) {
            point(name, i, y[i]);
        }
    }

    /** Records values over a plane, or an image. */
    public void grid(String name, Grid grid) {
        grids.put(name, grid);
    }

    /** Records the SHA-256 of generated data: the elements as float64, big-endian, in order. */
    public void checksum(String name, Tensor values) {
        var numbers = values.toDoubles();
        var bytes = ByteBuffer.allocate(8 * numbers.length);
        for (double number : numbers) {
            bytes.putDouble(number);
        }
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
            checksums.put(name, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Records a sentence for the page: something that a reader of the numbers has to know. */
    public void note(String sentence) {
        notes.add(sentence);
    }

    /** Says how far it has come; to be called every second or so. */
    public void progress(int done, int of) {
        monitor.progress((double) done / of);
    }

    /** All that was recorded. */
    public Observations observations() {
        var lines = new LinkedHashMap<String, Curve>();
        curves.forEach((name, points) -> lines.put(name, Curve.of(points)));
        return new Observations(measurements, lines, grids, checksums, notes);
    }
}
