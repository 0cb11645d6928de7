package dev.fathom.lab.study;

import dev.fathom.lab.figure.Numbers;

/**
 * Which values of a measurement a prediction allows. Made before the run, with static imports it
 * reads like the sentence it stands for:
 *
 * <pre>{@code
 * .predict("steps of gradient descent, κ = 100", near(611).withinPercent(2))
 * .predict("risk, p = 50", near(1.0204).withinErrors(4))
 * .predict("gradient over bound", atLeast(1))
 * .predict("loss where gradient descent stalls", oracle("½σ_min(B)²").withinPercent(0.1))
 * }</pre>
 */
public sealed interface Expectation {

    /** The values allowed, given what the run knows about the measurement. */
    Interval allowed(Measurement measured);

    /**
     * The number that ours stands beside; NaN if it is known only during the run, or is not one.
     */
    double number();

    /** In words and signs: {@code 611 ± 2 %}. */
    String text();

    /** True if the measurement is allowed. */
    default boolean meets(Measurement measured) {
        return allowed(measured).contains(measured.value());
    }

    /**
     * The oracle, give or take absolute + relative·|oracle| + errors·(standard error).
     *
     * @param formula what the run will compute the oracle by; empty if it is {@code number}
     */
    record Near(String formula, double number, double absolute, double relative, double errors)
            implements Expectation {

        /** Allows this much difference. */
        public Near within(double difference) {
            return new Near(formula, number, difference, relative, errors);
        }

        /** Allows this much difference, in per cent of the oracle. */
        public Near withinPercent(double percent) {
            return new Near(formula, number, absolute, percent / 100, errors);
        }

        /** Allows a difference of this many standard errors of the measurement. */
        public Near withinErrors(double count) {
            return new Near(formula, number, absolute, relative, count);
        }

        @Override
        public Interval allowed(Measurement measured) {
            double oracle = known(number, measured);
            double noise = errors == 0 ? 0 : errors * measured.error();
            double slack = absolute + relative * Math.abs(oracle) + noise;
            // an infinite oracle allows itself
            return Double.isInfinite(oracle)
                    ? new Interval(oracle, oracle)
                    : new Interval(oracle - slack, oracle + slack);
        }

        @Override
        public String text() {
            var text = new StringBuilder(shown(formula, number));
            if (absolute > 0) {
                text.append(" ± ").append(Numbers.text(absolute));
            }
            if (relative > 0) {
                text.append(" ± ").append(Numbers.text(relative * 100)).append(" %");
            }
            if (errors > 0) {
                text.append(" ± ").append(Numbers.text(errors)).append(" standard errors");
            }
            return text.toString();
        }
    }

    /** At most a number. */
    record AtMost(String formula, double number) implements Expectation {
        @Override
        public Interval allowed(Measurement measured) {
            return new Interval(Double.NEGATIVE_INFINITY, known(number, measured));
        }

        @Override
        public String text() {
            return "≤ " + shown(formula, number);
        }
    }

    /** At least a number. */
    record AtLeast(String formula, double number) implements Expectation {
        @Override
        public Interval allowed(Measurement measured) {
            return new Interval(known(number, measured), Double.POSITIVE_INFINITY);
        }

        @Override
        public String text() {
            return "≥ " + shown(formula, number);
        }
    }

    /** From one number to another. */
    record Between(double low, double high) implements Expectation {
        @Override
        public Interval allowed(Measurement measured) {
            return new Interval(low, high);
        }

        @Override
        public double number() {
            return Double.NaN;
        }

        @Override
        public String text() {
            return Numbers.text(low) + " to " + Numbers.text(high);
        }
    }

    /** Exactly this number; {@code within…} allows more. */
    static Near near(double oracle) {
        return new Near("", oracle, 0, 0, 0);
    }

    /**
     * The number that {@code Trial.measure(name, ours, oracle)} brings, which the formula
     * describes.
     */
    static Near oracle(String formula) {
        return new Near(formula, Double.NaN, 0, 0, 0);
    }

    /** At most this number. */
    static Expectation atMost(double bound) {
        return new AtMost("", bound);
    }

    /** At most the number that {@code Trial.measure(name, ours, bound)} brings. */
    static Expectation atMost(String formula) {
        return new AtMost(formula, Double.NaN);
    }

    /** At least this number. */
    static Expectation atLeast(double bound) {
        return new AtLeast("", bound);
    }

    /** At least the number that {@code Trial.measure(name, ours, bound)} brings. */
    static Expectation atLeast(String formula) {
        return new AtLeast(formula, Double.NaN);
    }

    /** From {@code low} to {@code high}, both included. */
    static Expectation between(double low, double high) {
        return new Between(low, high);
    }

    /** For {@code Trial.measure(name, boolean)}: true. */
    static Expectation yes() {
        return new Near("yes", 1, 0, 0, 0);
    }

    private static double known(double number, Measurement measured) {
        return Double.isNaN(number) ? measured.oracle() : number;
    }

    private static String shown(String formula, double number) {
        return formula.isEmpty() ? Numbers.text(number) : formula;
    }
}
