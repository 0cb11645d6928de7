package dev.fathom.lab.instrument.landscape;

import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.lab.instrument.error.InstrumentException;
import dev.fathom.lab.instrument.operator.ParameterSpace;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Directions in parameter space along which a loss is worth looking at. */
public final class Directions {
    private Directions() {}

    /** Normal numbers in every trained place. */
    public static <P> P random(P at, Key key) {
        var next = new int[1];
        return Tree.mapLeaves(
                leaf -> {
                    Tensor t = leaf.tensor();
                    return leaf.trained()
                            ? key.fold(next[0]++).normal(t.dtype(), t.shape().dims())
                            : t;
                },
                at);
    }

    /**
     * The direction with every filter scaled to the length of the filter it moves, d ← d ‖θ‖/‖d‖:
     * the weights into one unit, which is a place on the last axis. Vectors and scalars (biases,
     * normalisations) stand still. Then the slices of networks that differ by rescaled layers look
     * the same. H. Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018,
     * section 4.
     */
    public static <P> P filterNormalised(P direction, P at) {
        return Tree.zipLeaves(
                (leaf, theta) -> {
                    Tensor d = leaf.tensor();
                    if (!leaf.trained()) {
                        return d;
                    }
                    if (d.rank() < 2) {
                        return Ops.zeros(d.type());
                    }
                    var others = IntStream.range(0, d.rank() - 1).toArray();
                    Tensor length = d.square().sum(others).sqrt();
                    Tensor tiny = Ops.full(length.type(), 1e-30);
                    return d.times(
                            theta.square().sum(others).sqrt().dividedBy(length.maximum(tiny)));
                },
                direction,
                at);
    }

    /**
     * The plane that holds most of a path.
     *
     * @param first direction of largest variance, length 1
     * @param second the next
     * @param explained the share of the path's variance in each
     * @param places of the path's points in the plane, seen from the last one, (m, 2)
     */
    public record Plane<P>(P first, P second, double[] explained, double[][] places) {}

    /**
     * The first two principal components of θ_i − θ_last over a path of at least 3 points: Li et
     * al., section 7.
     */
    public static <P> Plane<P> principal(List<P> path) {
        int m = path.size() - 1;
        InstrumentException.check("principal directions", "points", m + 1, "at least 3", m >= 2);
        var space = ParameterSpace.of(path.get(m));
        var rows = new ArrayList<Tensor>();
        for (int i = 0; i < m; i++) {
            rows.add(space.vector(path.get(i)).minus(space.vector()));
        }
        Tensor x = Shaping.stack(0, rows.toArray(Tensor[]::new)); // (m, p)
        Tensor centred = x.minus(x.mean(0));
        var eigen = Linalg.eigh(centred.matmul(Linalg.transpose(centred)));
        double total = eigen.values().sum().item();
        InstrumentException.require(total > 0, "principal directions: the path does not move");
        var directions = new Tensor[2];
        var explained = new double[2];
        for (int k = 0; k < 2; k++) {
            Tensor u = eigen.vectors().slice(1, m - 1 - k, m - k).squeeze(1);
            Tensor d = u.matmul(centred);
            directions[k] = d.dividedBy(d.square().sum().sqrt().maximum(Tensor.scalar(1e-300)));
            explained[k] = eigen.values().get(m - 1 - k).item() / total;
        }
        var places = new double[m + 1][2];
        for (int i = 0; i < m; i++) {
            places[i][0] = rows.get(i).times(directions[0]).sum().item();
            places[i][1] = rows.get(i).times(directions[1]).sum().item();
        }
        return new Plane<>(space.tree(directions[0]), space.tree(directions[1]), explained, places);
    }
}
