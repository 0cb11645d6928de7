package dev.fathom.bench.harness;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One workload, all sides of it; the first is Fathom.
 *
 * @param workload its name
 * @param title what it is
 * @param gigaflop of a step
 * @param fraction of this machine's multiply-add peak that Fathom reached
 * @param notes of sides that have no number: why
 */
public record Row(
        String workload,
        String title,
        double gigaflop,
        double fraction,
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

    /** How many times as fast Fathom is as {@code peer}. */
    double ratio(Summary peer) {
        return fathom().stepsPerSecond() / peer.stepsPerSecond();
    }

    /** The least and the greatest ratio that the slowest and fastest processes allow. */
    double[] spread(Summary peer) {
        return new double[] {
            fathom().slowest() / peer.fastest(), fathom().fastest() / peer.slowest()
        };
    }

    /** How far the peer's value is from Fathom's, relative. */
    double difference(Summary peer) {
        double scale = Math.max(Math.abs(fathom().value()), 1e-30);
        return Math.abs(peer.value() - fathom().value()) / scale;
    }
}
