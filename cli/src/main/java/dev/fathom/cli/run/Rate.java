package dev.fathom.cli.run;

import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.DType;
import dev.fathom.optim.schedule.Schedule;

import java.util.Locale;

/** The courses of the learning rate that go by a name. */
public enum Rate {
    /** Half a cosine down to 0. */
    COSINE,
    /** The same to the end. */
    CONSTANT,
    /** A straight line down to 0. */
    LINEAR,
    /** A tenth of it after each third of the steps. */
    STEP,
    /** The same share less at every step, down to a thousandth. */
    EXPONENTIAL,
    /** 1/√(1 + t/w) with w the steps of warm-up, as transformers were first trained. */
    INVERSE_SQRT,
    /** A parabola down to 0. */
    POLYNOMIAL,
    /** Three halves of a cosine, each twice as long as the one before. */
    RESTARTS,
    /** Up for three tenths of the steps and down again, instead of a warm-up. */
    ONE_CYCLE;

    private static final double TENTH = 0.1;
    private static final double LEAST = 1e-3;
    private static final int CYCLES = 7; // 1 + 2 + 4

    /** How it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The learning rate at each of {@code steps} steps.
     *
     * @param high the highest one
     * @param rising over how many steps it rises to that, in a straight line
     */
    Schedule of(double high, int steps, int rising) {
        int falling = Math.max(1, steps - rising);
        var fall =
                switch (this) {
                    case COSINE -> Schedule.cosine(high, falling);
                    case CONSTANT -> Schedule.constant(high);
                    case LINEAR -> Schedule.linear(high, 0, falling);
                    case STEP -> Schedule.step(high, Math.ceilDiv(falling, 3), TENTH);
                    case EXPONENTIAL -> Schedule.exponential(high, LEAST, falling);
                    case INVERSE_SQRT -> inverseSqrt(high, Math.max(1, rising));
                    case POLYNOMIAL -> Schedule.polynomial(high, 0, falling, 2);
                    case RESTARTS ->
                            Schedule.cosineRestarts(high, Math.ceilDiv(falling, CYCLES), 2);
                    case ONE_CYCLE -> Schedule.oneCycle(high, Math.max(1, steps));
                };
        return rising == 0 || this == ONE_CYCLE ? fall : fall.afterWarmUp(rising);
    }

    private static Schedule inverseSqrt(double high, int unit) {
        return t -> Functions.rsqrt(t.cast(DType.FLOAT64).dividedBy(unit).plus(1)).times(high);
    }
}
