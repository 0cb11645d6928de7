package dev.fathom.bench.harness;

import dev.fathom.bench.measure.Unit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One workload, all sides of it; the first is Fathom.
 *
 * @param workload its name
 * @param title what it is
 * @param unit of the sides' figures
 * @param share of this machine's limit that Fathom reached, 0 if none is known
 * @param notes of sides that have no number: why
 */
public record Row(
        String workload,
        String title,
        Unit unit,
        double share,
        List<Summary> sides,
        Map<String, String> notes) {
    /** Copies the collections. */
    public Row {
        sides = List.copyOf(sides);
        notes = Collections.unmodifiableMap(new LinkedHashMap<>(notes));
    }

    /** Fathom. */
    public Summary fathom() {
        return sides.getFirst();
    }

    /** The row without the peers that did not compute the same as Fathom. */
    Row comparable(double tolerance) {
        var same = new ArrayList<>(List.of(fathom()));
        var noted = new LinkedHashMap<>(notes);
        for (var peer : sides.subList(1, sides.size())) {
            if (difference(peer) <= tolerance) {
                same.add(peer);
            } else {
                noted.put(
                        peer.side(),
                        String.format(
                                Locale.ROOT,
                                "does not compute the same: it arrives at %.6g, Fathom at %.6g",
                                peer.value(),
                                fathom().value()));
            }
        }
        return new Row(workload, title, unit, share, same, noted);
    }

    /** How many times as good Fathom is as {@code peer}. */
    double ratio(Summary peer) {
        return times(fathom().figure(), peer.figure());
    }

    /** The least and the greatest ratio that the extreme processes allow. */
    double[] spread(Summary peer) {
        var f = fathom();
        double one = times(f.least(), peer.most());
        double other = times(f.most(), peer.least());
        return new double[] {Math.min(one, other), Math.max(one, other)};
    }

    private double times(double ours, double theirs) {
        return unit.rising() ? ours / theirs : theirs / ours;
    }

    /** How far the peer's value is from Fathom's, relative. */
    private double difference(Summary peer) {
        double scale = Math.max(Math.abs(fathom().value()), 1e-30);
        return Math.abs(peer.value() - fathom().value()) / scale;
    }
}
