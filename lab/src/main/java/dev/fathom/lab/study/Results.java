package dev.fathom.lab.study;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.figure.Band;
import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Grid;

import java.util.List;

/** What all the trials of a run recorded: what figures are drawn from. */
public record Results(Card card, Tier tier, List<Observations> seeds, Observations controls) {

    /** The values of a measurement, one for each seed that made it. */
    public double[] values(String measurement) {
        return seeds.stream()
                .filter(seed -> seed.measurements().containsKey(measurement))
                .mapToDouble(seed -> seed.value(measurement))
                .toArray();
    }

    /** The mean of a measurement over the seeds. */
    public double mean(String measurement) {
        return Interval.mean(values(measurement));
    }

    /** The 95 % interval of a measurement's mean over the seeds. */
    public Interval interval(String measurement) {
        return Interval.ofMean(values(measurement));
    }

    /** A curve of the first seed. */
    public Curve curve(String name) {
        return seeds.getFirst().curve(name);
    }

    /** A grid of the first seed. */
    public Grid grid(String name) {
        return seeds.getFirst().grid(name);
    }

    /** A curve of every seed. */
    public List<Curve> curves(String name) {
        return seeds.stream().map(seed -> seed.curve(name)).toList();
    }

    /**
     * The mean of a curve over the seeds, with the 95 % interval of each point's mean; as long as
     * the shortest.
     *
     * @throws StudyException if the seeds have points at different x
     */
    public Band band(String name) {
        var all = curves(name);
        int n = all.stream().mapToInt(Curve::size).min().orElse(0);
        var x = new double[n];
        var mean = new double[n];
        var low = new double[n];
        var high = new double[n];
        for (int i = 0; i < n; i++) {
            int at = i;
            x[i] = all.getFirst().x()[i];
            for (var curve : all) {
                if (curve.x()[i] != x[i]) {
                    throw new StudyException(
                            "curve \"%s\": the seeds have point %d at %s and %s; draw curves(..) one by one instead"
                                    .formatted(name, i, x[i], curve.x()[i]));
                }
            }
            var values = all.stream().mapToDouble(curve -> curve.y()[at]).toArray();
            var interval = Interval.ofMean(values);
            mean[i] = Interval.mean(values);
            low[i] = interval.low();
            high[i] = interval.high();
        }
        return new Band(x, mean, low, high);
    }
}
