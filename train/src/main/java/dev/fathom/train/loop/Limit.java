package dev.fathom.train.loop;

import dev.fathom.train.error.SettingException;

/** When a run is over. */
public sealed interface Limit {
    /** After {@code count} walks through the data. */
    record Epochs(int count) implements Limit {
        /** Checks the count. */
        public Epochs {
            if (count < 0) {
                throw new SettingException("a run cannot have " + count + " epochs");
            }
        }
    }

    /** After {@code count} steps, in the middle of an epoch if need be. */
    record Steps(long count) implements Limit {
        /** Checks the count. */
        public Steps {
            if (count < 0 || count > Integer.MAX_VALUE) {
                throw new SettingException("a run cannot have " + count + " steps");
            }
        }
    }

    /** {@link Epochs}. */
    static Limit epochs(int count) {
        return new Epochs(count);
    }

    /** {@link Steps}. */
    static Limit steps(long count) {
        return new Steps(count);
    }

    /** How many steps that makes. */
    default long totalSteps(int batchesPerEpoch) {
        return switch (this) {
            case Epochs(int count) -> (long) count * batchesPerEpoch;
            case Steps(long count) -> count;
        };
    }

    /** How many epochs that makes, the last one perhaps not whole. */
    default int totalEpochs(int batchesPerEpoch) {
        return switch (this) {
            case Epochs(int count) -> count;
            case Steps(long count) -> Math.toIntExact(Math.ceilDiv(count, batchesPerEpoch));
        };
    }
}
