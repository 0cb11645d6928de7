package dev.fathom.lab.study;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Grid;

import java.util.List;
import java.util.Map;

/** All that one trial recorded. */
public record Observations(
        Map<String, Measurement> measurements,
        Map<String, Curve> curves,
        Map<String, Grid> grids,
        Map<String, String> checksums,
        List<String> notes) {

    /** The value of a measurement. */
    public double value(String measurement) {
        return found(measurements, measurement, "measured").value();
    }

    /** A recorded curve. */
    public Curve curve(String name) {
        return found(curves, name, "recorded a curve");
    }

    /** A recorded grid. */
    public Grid grid(String name) {
        return found(grids, name, "recorded a grid");
    }

    private static <T> T found(Map<String, T> all, String name, String verb) {
        var one = all.get(name);
        if (one == null) {
            throw new StudyException(
                    "nothing of the name \"%s\" was %s; there is %s"
                            .formatted(name, verb, all.keySet()));
        }
        return one;
    }
}
