package dev.fathom.lab.study;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Grid;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** All that one trial recorded. */
public record Observations(
        Map<String, Measurement> measurements,
        Map<String, Curve> curves,
        Map<String, Grid> grids,
        Map<String, String> checksums,
        List<String> notes) {

    /** Refuses what a damaged file may lack. */
    public Observations {
        if (Stream.of(measurements, curves, grids, checksums, notes).anyMatch(Objects::isNull)) {
            throw new StudyException("measurements, curves, grids, checksums or notes are missing");
        }
    }

    /** The value of a measurement. */
    public double value(String measurement) {
        return found(measurements, measurement, "measurement").value();
    }

    /** A recorded curve. */
    public Curve curve(String name) {
        return found(curves, name, "curve");
    }

    /** A recorded grid. */
    public Grid grid(String name) {
        return found(grids, name, "grid");
    }

    private static <T> T found(Map<String, T> all, String name, String kind) {
        var one = all.get(name);
        if (one == null) {
            throw new StudyException(
                    "no %s of the name \"%s\" was recorded; there is %s"
                            .formatted(kind, name, all.keySet()));
        }
        return one;
    }
}
