package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.norm.Normalisation;
import dev.fathom.nn.zoo.CharRnn;
import dev.fathom.nn.zoo.Cnn;
import dev.fathom.nn.zoo.Cnn1d;
import dev.fathom.nn.zoo.Gpt;
import dev.fathom.nn.zoo.LeNet;
import dev.fathom.nn.zoo.Linear;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.nn.zoo.NeuralNgram;
import dev.fathom.nn.zoo.ResNet;
import dev.fathom.nn.zoo.ResNet9;

import java.util.Locale;

/** The networks that go by a name. */
public enum Network {
    /** Two hidden layers; takes anything. */
    MLP,
    /** LeNet-5; takes images. */
    LENET,
    /** A small convolutional network; takes images, and vectors as sequences. */
    CNN,
    /** A small residual network; takes images. */
    RESNET,
    /** A residual network of 20 layers; takes images. */
    RESNET20,
    /** Page's residual network, nine wide layers; takes images. */
    RESNET9,
    /** The neural probabilistic language model; takes texts. */
    NGRAM,
    /** A recurrent language model of LSTM cells; takes texts. */
    LSTM,
    /** A recurrent language model of GRU cells; takes texts. */
    GRU,
    /** A small transformer in the shape of GPT-2; takes texts. */
    GPT,
    /** Softmax or linear regression: the floor that the others have to beat. */
    LINEAR;

    /** What examples are like, which is what networks and their settings depend on. */
    public enum Input {
        /** {@code (height, width, channels)}. */
        IMAGE,
        /** {@code (d)}, where neighbours belong together. */
        SEQUENCE,
        /** {@code (d)}, columns of a table. */
        TABLE,
        /** {@code (t)}, the tokens of a text. */
        TEXT,
        /** {@code (t)}, the last values of a series in time. */
        SERIES
    }

    /** What is taken if nothing is asked for. */
    public static Network preferred(Input input) {
        return switch (input) {
            case IMAGE, SEQUENCE -> CNN;
            case TABLE, SERIES -> MLP;
            case TEXT -> NGRAM;
        };
    }

    /** Whether it learns what comes next in a text, and nothing else. */
    public boolean isForTexts() {
        return switch (this) {
            case NGRAM, LSTM, GRU, GPT -> true;
            case MLP, LENET, CNN, RESNET, RESNET20, RESNET9, LINEAR -> false;
        };
    }

    /** How it is written on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Refuses examples that this network cannot take.
     *
     * @throws UsageException naming the networks that can
     */
    public void require(Shape example, Input input) {
        boolean text = isForTexts();
        if (input == Input.TEXT != text) {
            throw new UsageException(
                    "--model "
                            + word()
                            + (text
                                    ? " takes a text; these examples are " + describe(input)
                                    : " cannot learn what comes next in a text; choose --model"
                                            + " ngram, lstm, gru or gpt"));
        }
        boolean fits =
                switch (this) {
                    case MLP, LINEAR, NGRAM, LSTM, GRU, GPT -> true;
                    case CNN -> example.rank() == 1 ? input != Input.TABLE : isLarge(example);
                    case LENET, RESNET, RESNET20, RESNET9 ->
                            example.rank() == 3 && isLarge(example);
                };
        if (!fits) {
            throw new UsageException(
                    "--model "
                            + word()
                            + (example.rank() == 3
                                    ? " takes images of at least "
                                            + smallestImage()
                                            + " by "
                                            + smallestImage()
                                            + " pixels, not "
                                            + example
                                    : " takes images; these examples are " + describe(input))
                            + "; choose --model "
                            + (input == Input.TABLE ? "mlp or linear" : "cnn, mlp or linear"));
        }
    }

    private boolean isLarge(Shape image) {
        return Math.min(image.dim(0), image.dim(1)) >= smallestImage();
    }

    private int smallestImage() {
        return this == RESNET9 ? 8 : 4;
    }

    private static String describe(Input input) {
        return switch (input) {
            case IMAGE -> "images";
            case SEQUENCE -> "sequences";
            case TABLE -> "rows of a table";
            case TEXT -> "a text";
            case SERIES -> "windows of a series";
        };
    }

    /** A new one with random weights, for examples of shape {@code example}. */
    public Layer of(Shape example, int outputs, Key key) {
        return switch (this) {
            case MLP -> Mlp.of(example, outputs, key);
            case LENET -> LeNet.of(example, outputs, key);
            case CNN ->
                    example.rank() == 1
                            ? Cnn1d.of(example, outputs, key)
                            : Cnn.of(example, outputs, key);
            case RESNET -> ResNet.of(example, outputs, key);
            case RESNET20 -> ResNet.of(example, outputs, 3, key);
            case RESNET9 -> ResNet9.of(example, outputs, key);
            case NGRAM -> NeuralNgram.of(outputs, key);
            case LSTM -> CharRnn.lstm(outputs, key);
            case GRU -> CharRnn.gru(outputs, key);
            case GPT ->
                    Gpt.of(
                            Gpt.Config.of(outputs, example.dim(0), 128, 4, 4),
                            Normalisation::layer,
                            key);
            case LINEAR -> Linear.of(example, outputs, key);
        };
    }
}
