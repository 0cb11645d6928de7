package dev.fathom.cli.run;

import dev.fathom.cli.run.Network.Input;

import java.util.Optional;

/**
 * What is taken where the command line says nothing. Every default of training stands here and
 * nowhere else.
 *
 * <p>The columns of a row: epochs, batch, optimizer, learning rate, weight decay, warm-up, clip.
 */
public final class Defaults {
    /** Of all random choices. */
    public static final long SEED = 42;

    /** Epochs of {@code --quick}. */
    public static final int QUICK_EPOCHS = 2;

    /** Above this a data set is large: fewer epochs do. */
    private static final int LARGE = 20_000;

    private Defaults() {}

    /** The settings for a network, the kind of its examples and their number. */
    public static Settings of(Network network, Input input, int examples) {
        boolean large = examples >= LARGE;
        return switch (network) {
            case LINEAR -> linear(input, large);
            case MLP ->
                    large
                            ? new Settings(15, 128, Descent.ADAMW, 1e-3, 0.01, 0.05, 0)
                            : new Settings(40, 64, Descent.ADAMW, 1e-3, 0.01, 0.05, 0);
            case LENET ->
                    large
                            ? new Settings(15, 128, Descent.ADAM, 1e-3, 0, 0.05, 0)
                            : new Settings(30, 64, Descent.ADAM, 1e-3, 0, 0.05, 0);
            case CNN -> cnn(input, large);
            case NGRAM -> new Settings(10, 32, Descent.ADAMW, 3e-3, 0.01, 0.05, 1);
            case LSTM, GRU -> new Settings(4, 32, Descent.ADAMW, 3e-3, 0.01, 0.05, 1);
            case GPT -> new Settings(4, 32, Descent.ADAMW, 2e-3, 0.05, 0.1, 1);
            case RESNET, RESNET20, RESNET9 ->
                    large
                            ? new Settings(12, 128, Descent.ADAMW, 3e-3, 0.02, 0.1, 1)
                            : new Settings(25, 64, Descent.ADAMW, 3e-3, 0.02, 0.1, 1);
        };
    }

    private static Settings linear(Input input, boolean large) {
        return switch (input) {
            case IMAGE ->
                    large
                            ? new Settings(5, 128, Descent.ADAM, 1e-3, 0, 0, 0)
                            : new Settings(40, 128, Descent.ADAM, 1e-2, 0, 0, 0);
            case SEQUENCE, TABLE, TEXT, SERIES ->
                    new Settings(60, 128, Descent.ADAM, 1e-2, 0, 0, 0);
        };
    }

    private static Settings cnn(Input input, boolean large) {
        return switch (input) {
            case IMAGE ->
                    large
                            ? new Settings(8, 128, Descent.ADAMW, 2e-3, 0.02, 0.1, 0)
                            : new Settings(15, 64, Descent.ADAMW, 2e-3, 0.02, 0.1, 0);
            case SEQUENCE, TABLE, TEXT, SERIES ->
                    new Settings(30, 64, Descent.ADAMW, 3e-3, 0.01, 0.1, 0);
        };
    }

    /**
     * How many examples {@code --quick} trains on, and half as many it measures the result on;
     * fewer where each costs gigaflops.
     */
    public static int quick(Optional<Network> network) {
        return network.filter(n -> n == Network.RESNET9).isPresent() ? 320 : 1000;
    }

    /** A learning rate that is seldom far off, for an optimizer chosen without one. */
    static double learningRate(Descent optimizer) {
        return switch (optimizer) {
            case SGD -> 0.1;
            case MOMENTUM, NESTEROV -> 0.02;
            case ADAM, ADAMW, RMSPROP, NADAM -> 1e-3;
            case ADAGRAD, ADAFACTOR -> 1e-2;
            case LION -> 2e-4;
            case LAMB -> 5e-3;
            case MUON -> 0.02;
        };
    }
}
