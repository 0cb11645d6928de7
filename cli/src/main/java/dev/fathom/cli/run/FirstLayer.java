package dev.fathom.cli.run;

import dev.fathom.cli.report.Figure;
import dev.fathom.cli.report.Report.Weights;
import dev.fathom.cli.run.Network.Input;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.layer.Layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The weights nearest to the input, as pictures: what the network looks for first. */
final class FirstLayer {
    private static final int MOST = 64;
    private static final int CONVOLUTION_2D = 4;
    private static final int CONVOLUTION_1D = 3;

    private FirstLayer() {}

    /** Pictures of the first layer that has weights; none for the columns of a table. */
    static Optional<Weights> of(Layer model, RunConfig.Data data) {
        return Tree.flatten(model).leaves().stream()
                .filter(leaf -> leaf.trained() && leaf.tensor().rank() > 1)
                .findFirst()
                .flatMap(leaf -> of(leaf.path().toString(), leaf.tensor(), data));
    }

    private static Optional<Weights> of(String path, Tensor weight, RunConfig.Data data) {
        var values = weight.toFloats();
        int units = weight.dim(-1);
        return switch (weight.rank()) {
            case CONVOLUTION_2D ->
                    Optional.of(
                            pictures(
                                    path,
                                    units + " kernels of " + weight.dim(0) + " by " + weight.dim(1),
                                    values,
                                    weight.dim(0),
                                    weight.dim(1),
                                    weight.dim(2),
                                    units));
            case CONVOLUTION_1D ->
                    Optional.of(
                            pictures(
                                    path,
                                    units + " kernels of length " + weight.dim(0),
                                    values,
                                    1,
                                    weight.dim(0),
                                    weight.dim(1),
                                    units));
            default ->
                    data.input() == Input.TABLE || data.input() == Input.TEXT
                            ? Optional.empty()
                            : Optional.of(dense(path, values, units, data));
        };
    }

    private static Weights dense(String path, float[] values, int units, RunConfig.Data data) {
        boolean image = data.input() == Input.IMAGE;
        return pictures(
                path,
                units + " units, each with a weight for every " + (image ? "pixel" : "point"),
                values,
                image ? data.shape().get(0) : 1,
                image ? data.shape().get(1) : data.shape().getFirst(),
                image ? data.shape().get(2) : 1,
                units);
    }

    /** Weights {@code (height, width, channels, units)}; colour is averaged. */
    private static Weights pictures(
            String path,
            String what,
            float[] values,
            int height,
            int width,
            int channels,
            int units) {
        var grey = new float[Math.min(units, MOST)][height * width];
        float scale = 0;
        for (int u = 0; u < grey.length; u++) {
            for (int i = 0; i < height * width; i++) {
                for (int c = 0; c < channels; c++) {
                    grey[u][i] += values[(i * channels + c) * units + u] / channels;
                }
                scale = Math.max(scale, Math.abs(grey[u][i]));
            }
        }
        var figures = new ArrayList<Figure>();
        for (var picture : grey) {
            figures.add(Figure.Pixels.signed(picture, height, width, scale));
        }
        return new Weights(
                "First layer",
                path
                        + ": "
                        + what
                        + (units > MOST ? ", the first " + MOST : "")
                        + ". White is 0, red positive, blue negative; one scale for all.",
                List.copyOf(figures));
    }
}
