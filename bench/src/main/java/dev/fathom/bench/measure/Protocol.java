package dev.fathom.bench.measure;

/**
 * How long to measure.
 *
 * @param checked steps before the value is compared with the other side's
 * @param warmSeconds at least this long
 * @param warmSteps and at least that many steps before the timing
 * @param seconds the least time that is measured, over all blocks
 * @param blocks parts of it, of which the median counts
 */
public record Protocol(int checked, double warmSeconds, int warmSteps, double seconds, int blocks) {
    /** What a published number takes. */
    public static final Protocol FULL = new Protocol(50, 3, 200, 5, 10);

    /** A look: too short for a number that anybody quotes. */
    public static final Protocol QUICK = new Protocol(50, 1, 20, 1, 5);

    /** What {@code main} methods of workers take as one argument. */
    public static Protocol of(String name) {
        return switch (name) {
            case "full" -> FULL;
            case "quick" -> QUICK;
            case "smoke" -> new Protocol(2, 0, 1, 0.01, 2);
            default -> throw new IllegalArgumentException("no protocol is called " + name);
        };
    }
}
