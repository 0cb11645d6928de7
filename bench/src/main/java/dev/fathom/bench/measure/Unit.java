package dev.fathom.bench.measure;

/**
 * What a row of the table says about a side, and in which unit.
 *
 * @param name of the unit
 * @param perStep how many of them a step is, where a rate is counted
 */
public record Unit(String name, double perStep, Figure figure) {
    /** What is read off a process. */
    public enum Figure {
        /** How much is done in a second. */
        RATE,
        /** How long a step takes. */
        STEP_TIME,
        /** From the start of the process to the end of its first step. */
        FIRST_STEP,
        /** The most memory that the process had, without what an empty process has. */
        MEMORY
    }

    private static final double MEGA = 1e6;

    /** A rate of which a step is {@code perStep} units. */
    public static Unit rate(String name, double perStep) {
        return new Unit(name, perStep, Figure.RATE);
    }

    /** Seconds or megabytes. */
    public static Unit of(Figure figure) {
        return switch (figure) {
            case RATE -> rate("steps/s", 1);
            case STEP_TIME, FIRST_STEP -> new Unit("s", 1, figure);
            case MEMORY -> new Unit("MB", 1, figure);
        };
    }

    /** Whether more is better. */
    public boolean rising() {
        return figure == Figure.RATE;
    }

    /**
     * The number of a process.
     *
     * @param emptyBytes what a process of the same framework takes that does next to nothing
     */
    public double of(Measurement m, long emptyBytes) {
        return switch (figure) {
            case RATE -> m.stepsPerSecond() * perStep;
            case STEP_TIME -> 1 / m.stepsPerSecond();
            case FIRST_STEP -> m.firstSeconds();
            case MEMORY -> (m.peakBytes() - emptyBytes) / MEGA;
        };
    }
}
