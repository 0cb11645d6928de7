package dev.fathom.bench.measure;

/**
 * How long to measure.
 *
 * @param checked steps before the value is compared with the other side's
 * @param warmSeconds at least this long
 * @param warmSteps and at least that many steps before the timing
 * @param seconds the least time that is measured, over all blocks
 * @param blocks parts of it, of which the median counts; with none, the rate is that of the checked
 *     steps and includes whatever is compiled meanwhile
 */
public record Protocol(int checked, double warmSeconds, int warmSteps, double seconds, int blocks) {
    /** What a published number takes. */
    public static final Protocol FULL = new Protocol(50, 3, 200, 5, 10);

    /** A look: too short for a number that anybody quotes. */
    public static final Protocol QUICK = new Protocol(50, 1, 20, 1, 5);

    /** What comes after the name of a protocol for steps of a tenth of a second and more. */
    public static final String LONG = "-long";

    /** A single step, timed from its very beginning. */
    public static final String ONCE = "once";

    /** Three steps after a first one, each a block of its own. */
    public static final String THRICE = "thrice";

    /** As many steps as a process makes of whose memory is spoken. */
    public static final String MEMORY = "memory";

    /** The same for a look. */
    public static final String MEMORY_SMALL = "memory-small";

    /** What {@code main} methods of workers take as one argument. */
    public static Protocol of(String name) {
        if (name.endsWith(LONG)) {
            var p = of(name.substring(0, name.length() - LONG.length()));
            return new Protocol(2, p.warmSeconds, Math.min(p.warmSteps, 2), p.seconds, p.blocks);
        }
        return switch (name) {
            case "full" -> FULL;
            case "quick" -> QUICK;
            case "smoke" -> new Protocol(2, 0, 1, 0.01, 2);
            case ONCE -> new Protocol(1, 0, 0, 0, 0);
            case THRICE -> new Protocol(1, 0, 0, 0, 3);
            case MEMORY -> new Protocol(200, 0, 0, 0, 0);
            case MEMORY_SMALL -> new Protocol(20, 0, 0, 0, 0);
            default -> throw new IllegalArgumentException("no protocol is called " + name);
        };
    }

    /** About how long a process takes whose step takes {@code step} seconds. */
    public double seconds(double step) {
        double timed = Math.max(seconds, blocks * step);
        return checked * step + Math.max(warmSeconds, warmSteps * step) + timed;
    }
}
