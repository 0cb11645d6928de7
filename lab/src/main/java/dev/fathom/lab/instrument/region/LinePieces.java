package dev.fathom.lab.instrument.region;

import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.zoo.Mlp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A ReLU network of one input on an interval, as the pieces on which it is affine: on piece i, from
 * {@code ends[i]} to {@code ends[i + 1]}, output k is {@code slopes[i][k] x + offsets[i][k]}. Found
 * layer by layer from the zeros of the units, in float64, not by sampling.
 *
 * @param ends ascending, one more than pieces
 * @param slopes by piece and output
 * @param offsets by piece and output
 */
public record LinePieces(double[] ends, double[][] slopes, double[][] offsets) {

    /**
     * Neighbours whose slopes differ by less than this share of the largest slope are one piece.
     */
    private static final double SAME = 1e-9;

    /** An interval with the affine maps of some layer on it. */
    private record Part(double from, double to, double[][] maps) {}

    /** Those of {@code net}, (n, 1) to (n, k), between two places. */
    public static LinePieces of(Mlp net, double from, double to) {
        InstrumentException.require(
                from < to, "pieces between " + from + " and " + to + ": the interval is empty");
        List<Part> parts = List.of(new Part(from, to, new double[][] {{1, 0}}));
        var layers = Rows.of(net, 1);
        double tiny = 1e-13 * Math.max(to - from, Math.max(Math.abs(from), Math.abs(to)));
        for (int l = 0; l < layers.size(); l++) {
            var next = new ArrayList<Part>();
            for (var part : parts) {
                var z = layers.get(l).after(part.maps());
                if (l == layers.size() - 1) {
                    next.add(new Part(part.from(), part.to(), z));
                } else {
                    split(part, z, tiny, next);
                }
            }
            parts = next;
        }
        return merged(parts);
    }

    /** The number of pieces. */
    public int count() {
        return slopes.length;
    }

    private static void split(Part part, double[][] z, double tiny, List<Part> into) {
        var cuts = new ArrayList<Double>();
        cuts.add(part.from());
        Arrays.stream(z)
                .filter(unit -> unit[0] != 0)
                .mapToDouble(unit -> -unit[1] / unit[0])
                .filter(x -> x > part.from() + tiny && x < part.to() - tiny)
                .sorted()
                .forEach(x -> {
                    if (x - cuts.getLast() > tiny) {
                        cuts.add(x);
                    }
                });
        cuts.add(part.to());
        for (int i = 0; i + 1 < cuts.size(); i++) {
            double middle = (cuts.get(i) + cuts.get(i + 1)) / 2;
            var maps = new double[z.length][];
            for (int j = 0; j < z.length; j++) {
                boolean active = z[j][0] * middle + z[j][1] > 0;
                maps[j] = active ? z[j] : new double[2];
            }
            into.add(new Part(cuts.get(i), cuts.get(i + 1), maps));
        }
    }

    private static LinePieces merged(List<Part> parts) {
        double largest = 0;
        for (var part : parts) {
            for (var map : part.maps()) {
                largest = Math.max(largest, Math.abs(map[0]));
            }
        }
        var kept = new ArrayList<Part>();
        for (var part : parts) {
            if (kept.isEmpty() || differ(kept.getLast(), part, SAME * largest)) {
                kept.add(part);
            }
        }
        var ends = new double[kept.size() + 1];
        var slopes = new double[kept.size()][];
        var offsets = new double[kept.size()][];
        for (int i = 0; i < kept.size(); i++) {
            ends[i] = kept.get(i).from();
            slopes[i] = Arrays.stream(kept.get(i).maps()).mapToDouble(m -> m[0]).toArray();
            offsets[i] = Arrays.stream(kept.get(i).maps()).mapToDouble(m -> m[1]).toArray();
        }
        ends[kept.size()] = parts.getLast().to();
        return new LinePieces(ends, slopes, offsets);
    }

    private static boolean differ(Part a, Part b, double tolerance) {
        for (int k = 0; k < a.maps().length; k++) {
            if (Math.abs(a.maps()[k][0] - b.maps()[k][0]) > tolerance) {
                return true;
            }
        }
        return false;
    }
}
