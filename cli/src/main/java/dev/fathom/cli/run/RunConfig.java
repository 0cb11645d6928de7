package dev.fathom.cli.run;

import dev.fathom.cli.error.RunException;
import dev.fathom.cli.run.Network.Input;
import dev.fathom.core.tensor.Shape;
import dev.fathom.data.dataset.Normalisation;
import dev.fathom.data.table.TableEncoder;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All that is needed to build a run's network and its data again: the file {@code config.json}.
 *
 * @param fathom the version that wrote it
 * @param data the examples
 * @param model the network
 * @param parameters how many numbers the network learns
 * @param training how it is trained
 * @param seed of the weights, the order of the examples and everything else that is random
 * @param quick true for a run on a part of the examples, to see that everything works
 */
public record RunConfig(
        String fathom,
        Data data,
        Network model,
        long parameters,
        Settings training,
        long seed,
        boolean quick) {

    /** Refuses what a damaged file may lack. */
    public RunConfig {
        if (Stream.of(fathom, data, model, training).anyMatch(Objects::isNull)) {
            throw new RunException("fathom, data, model or training is missing");
        }
    }

    /** Steps of an epoch, the last of which may be on fewer examples. */
    public int stepsPerEpoch() {
        return Math.ceilDiv(data.train(), training.batch());
    }

    /** Steps of the whole training. */
    public int steps() {
        return Math.multiplyExact(stepsPerEpoch(), training.epochs());
    }

    /** The learning rate at {@code points} of the steps, from the first to the last. */
    public List<Double> learningRates(int points) {
        var schedule = training.schedule(steps());
        int n = Math.min(points, steps());
        return IntStream.range(0, n)
                .mapToObj(i -> schedule.at((int) ((long) i * (steps() - 1) / Math.max(1, n - 1))))
                .toList();
    }

    /**
     * Where the examples come from and what was done to them.
     *
     * @param name what the data set is called
     * @param source where it was found
     * @param sha256 the hash of what was read
     * @param kind how {@code text} is to be understood
     * @param text a name, or an absolute path
     * @param target the column that is predicted, for tables and series where one was named
     * @param windows how a text or a series was cut, as far as that was said
     * @param input the kind of the examples
     * @param shape the sizes of one example
     * @param classes the names of the classes, none where a number is predicted
     * @param columns the names of a table's features, or of the column that is a series
     * @param targets the name of the column of a table that is predicted; for a series one name for
     *     each value of the forecast
     * @param train number of examples that are learned from
     * @param validation number of examples kept back from these
     * @param test number of examples the result is measured on
     * @param validationShare the share of the training examples kept back, 0 for none
     * @param mean what is subtracted from each channel or column
     * @param deviation what each is then divided by
     * @param targetMean the mean of the number predicted, 0 for classes
     * @param targetDeviation the deviation of the number predicted, 1 for classes
     * @param tokenizer how a text becomes tokens
     * @param encoder how the rows of a table become features
     */
    public record Data(
            String name,
            String source,
            String sha256,
            DataSource.Kind kind,
            String text,
            Optional<String> target,
            Windows windows,
            Input input,
            List<Integer> shape,
            List<String> classes,
            List<String> columns,
            List<String> targets,
            int train,
            int validation,
            int test,
            double validationShare,
            List<Float> mean,
            List<Float> deviation,
            double targetMean,
            double targetDeviation,
            Optional<String> tokenizer,
            Optional<TableEncoder> encoder) {
        /** Runs from before windows could be chosen say nothing of them. */
        public Data {
            windows = Objects.requireNonNullElse(windows, Windows.DEFAULT);
        }

        /** True if classes are predicted. */
        public boolean classifies() {
            return !classes.isEmpty();
        }

        /** The column of a table or a series that is predicted, named on the way in or not. */
        public Optional<String> predicted() {
            return encoder.map(TableEncoder::target)
                    .or(() -> target)
                    .or(() -> input == Input.SERIES ? columns.stream().findFirst() : target);
        }

        /** The name of what says how good a network is. */
        public String metric() {
            return classifies() ? "accuracy" : "R²";
        }

        /** The name of what is measured after each epoch beside the loss. */
        public String curve() {
            return classifies() ? "accuracy" : "rmse";
        }

        /** How many values the network gives for an example. */
        public int outputs() {
            return classifies() ? classes.size() : targets.size();
        }

        /** The shape of one example. */
        public Shape example() {
            return Shape.of(shape.stream().mapToInt(Integer::intValue).toArray());
        }

        /** The normalisation of the examples. */
        public Normalisation normalisation() {
            return new Normalisation(mean, deviation);
        }

        /** Where the examples are to be read from again. */
        public DataSource origin() {
            return new DataSource(kind, text, target, windows);
        }
    }
}
