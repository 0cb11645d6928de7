package dev.fathom.lab.instrument.region;

import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.zoo.Mlp;

import java.util.ArrayList;
import java.util.List;

/**
 * A dense layer in plain numbers.
 *
 * @param weight by unit: (out, in)
 * @param bias (out)
 */
record Rows(double[][] weight, double[] bias) {
    /** All layers of a network, which must take so many inputs. */
    static List<Rows> of(Mlp net, int inputs) {
        Tree.named(net)
                .forEach((path, numbers) ->
                        InstrumentException.require(
                                Double.isFinite(numbers.abs().sum().item()),
                                path + " is not finite; there are no regions"));
        var layers = new ArrayList<Rows>();
        net.hidden().forEach(layer -> layers.add(of(layer)));
        layers.add(of(net.output()));
        int has = layers.getFirst().weight()[0].length;
        InstrumentException.require(
                has == inputs, "this network takes " + has + " inputs, not " + inputs);
        return layers;
    }

    private static Rows of(Dense layer) {
        int in = layer.weight().dim(0);
        int out = layer.weight().dim(1);
        var w = layer.weight().toDoubles();
        var rows = new double[out][in];
        for (int i = 0; i < in; i++) {
            for (int j = 0; j < out; j++) {
                rows[j][i] = w[i * out + j];
            }
        }
        return new Rows(rows, layer.bias().map(b -> b.toDoubles()).orElse(new double[out]));
    }

    /**
     * The affine maps of this layer's units, given those of what goes in: the last number of each
     * is the constant, to which the bias is added.
     */
    double[][] after(double[][] maps) {
        int width = maps[0].length;
        var result = new double[bias.length][width];
        for (int j = 0; j < bias.length; j++) {
            for (int i = 0; i < maps.length; i++) {
                for (int c = 0; c < width; c++) {
                    result[j][c] += weight[j][i] * maps[i][c];
                }
            }
            result[j][width - 1] += bias[j];
        }
        return result;
    }

    /** The same with all numbers positive: how large the terms of each sum are. */
    double[] sizes(double[][] maps, double[] extent) {
        var sizes = new double[bias.length];
        for (int j = 0; j < bias.length; j++) {
            sizes[j] = Math.abs(bias[j]);
            for (int i = 0; i < maps.length; i++) {
                for (int c = 0; c < extent.length; c++) {
                    sizes[j] += Math.abs(weight[j][i] * maps[i][c]) * extent[c];
                }
            }
        }
        return sizes;
    }
}
