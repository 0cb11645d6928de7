package dev.fathom.lab.instrument.landscape;

import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.zoo.Mlp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The order of hidden units is a matter of chance: a network with its units permuted computes the
 * same. These find the order in which one network is most like another.
 */
public final class Permutations {
    private Permutations() {}

    /**
     * A network in another order.
     *
     * @param orders for every hidden layer: unit i is the old unit orders[i]
     * @param aligned the network so
     */
    public record Matching(List<int[]> orders, Mlp aligned) {}

    /** The same function with hidden unit i of layer l being the old unit {@code orders[l][i]}. */
    public static Mlp permuted(Mlp net, List<int[]> orders) {
        InstrumentException.require(
                orders.size() == net.hidden().size(),
                orders.size() + " orders for " + net.hidden().size() + " hidden layers");
        for (int l = 0; l < orders.size(); l++) {
            var sorted = orders.get(l).clone();
            Arrays.sort(sorted);
            int width = net.hidden().get(l).weight().dim(1);
            InstrumentException.require(
                    Arrays.equals(sorted, identity(width)),
                    "the order %s of hidden layer %d does not name each of its %d units once"
                            .formatted(Arrays.toString(orders.get(l)), l, width));
        }
        var layers = new ArrayList<Dense>();
        for (int l = 0; l <= orders.size(); l++) {
            var layer = l < orders.size() ? net.hidden().get(l) : net.output();
            Tensor w = layer.weight(); // (in, out)
            if (l > 0) {
                w = Shaping.take(w, Tensor.of(orders.get(l - 1)), 0);
            }
            var bias = layer.bias();
            if (l < orders.size()) {
                Tensor order = Tensor.of(orders.get(l));
                w = Shaping.take(w, order, 1);
                bias = bias.map(b -> Shaping.take(b, order, 0));
            }
            layers.add(new Dense(w, bias));
        }
        return new Mlp(layers.subList(0, orders.size()), layers.getLast());
    }

    /**
     * Brings {@code moved} near {@code fixed}: the orders that make Σ ⟨W_fixed, W_moved⟩ large over
     * all weights and biases, layer by layer until none changes, each an exact assignment. S.
     * Ainsworth, J. Hayase, S. Srinivasa, "Git Re-Basin", ICLR 2023, algorithm 1 (layers in order,
     * where they draw the order). One hidden layer is solved exactly; more to a local optimum.
     */
    public static Matching byWeights(Mlp moved, Mlp fixed) {
        checkSame(moved, fixed);
        int depth = moved.hidden().size();
        var orders = identity(moved);
        boolean changed = true;
        for (int round = 0; changed && round < 100; round++) {
            changed = false;
            for (int l = 0; l < depth; l++) {
                var order = Assignment.largest(likeness(moved, fixed, orders, l)).columns();
                changed |= !Arrays.equals(order, orders.get(l));
                orders.set(l, order);
            }
        }
        return new Matching(List.copyOf(orders), permuted(moved, orders));
    }

    /** [i][j]: how alike unit i of the fixed and unit j of the moved layer are, the rest as is. */
    private static double[][] likeness(Mlp moved, Mlp fixed, List<int[]> orders, int l) {
        var free = new ArrayList<>(orders);
        free.set(l, identity(orders.get(l).length));
        var at = permuted(moved, free);
        Tensor sum = product(Linalg.transpose(layer(fixed, l).weight()), layer(at, l).weight());
        sum =
                sum.plus(
                        product(
                                layer(fixed, l + 1).weight(),
                                Linalg.transpose(layer(at, l + 1).weight())));
        if (layer(fixed, l).bias().isPresent()) {
            Tensor a = layer(fixed, l).bias().orElseThrow().expandDims(1);
            Tensor b = layer(at, l).bias().orElseThrow().expandDims(0);
            sum = sum.plus(product(a, b));
        }
        return rows(sum);
    }

    /**
     * Brings {@code moved} near {@code fixed} by what their units do: the orders that make the
     * correlation of the units over these inputs largest, an exact assignment for every layer.
     * Ibid., section 3.1, with correlations in place of products.
     *
     * @param x (n, ..), n ≥ 2
     */
    public static Matching byActivations(Mlp moved, Mlp fixed, Tensor x) {
        checkSame(moved, fixed);
        Tensor a = x.flatten(1);
        Tensor b = a;
        var orders = new ArrayList<int[]>();
        for (int l = 0; l < moved.hidden().size(); l++) {
            a = activation(layer(fixed, l), a);
            b = activation(layer(moved, l), b);
            Tensor gain = product(Linalg.transpose(standard(a)), standard(b));
            orders.add(Assignment.largest(rows(gain)).columns());
        }
        return new Matching(List.copyOf(orders), permuted(moved, orders));
    }

    private static Tensor activation(Dense layer, Tensor x) {
        Tensor z = x.matmul(layer.weight());
        return Functions.relu(layer.bias().map(z::plus).orElse(z)); // (n, width)
    }

    /** Columns of mean 0 and length 1; a unit that never changes stays 0. */
    private static Tensor standard(Tensor a) {
        Tensor centred = a.cast(DType.FLOAT64).minus(a.cast(DType.FLOAT64).mean(0));
        return centred.dividedBy(centred.square().sum(0).sqrt().maximum(Tensor.scalar(1e-30)));
    }

    private static Tensor product(Tensor a, Tensor b) {
        return a.cast(DType.FLOAT64).matmul(b.cast(DType.FLOAT64));
    }

    private static Dense layer(Mlp net, int l) {
        return l < net.hidden().size() ? net.hidden().get(l) : net.output();
    }

    private static ArrayList<int[]> identity(Mlp net) {
        var orders = new ArrayList<int[]>();
        net.hidden().forEach(layer -> orders.add(identity(layer.weight().dim(1))));
        return orders;
    }

    private static int[] identity(int n) {
        return IntStream.range(0, n).toArray();
    }

    private static double[][] rows(Tensor m) {
        var all = m.toDoubles();
        int k = m.dim(1);
        var rows = new double[m.dim(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * k, (i + 1) * k);
        }
        return rows;
    }

    private static void checkSame(Mlp a, Mlp b) {
        var x = a.hidden().stream().map(l -> l.weight().shape()).toList();
        var y = b.hidden().stream().map(l -> l.weight().shape()).toList();
        InstrumentException.require(
                x.equals(y) && a.output().weight().shape().equals(b.output().weight().shape()),
                "networks of layers "
                        + x
                        + " and "
                        + y
                        + " cannot be matched; same widths are needed");
    }
}
