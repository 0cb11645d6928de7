package dev.fathom.optim.second;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.transform.GradientTransform;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The preconditioner of {@link Shampoo}: one matrix for each axis of a leaf. For a leaf of rank k
 * (a scalar counts as a vector of one) and axis i of length n, with Mᵢ the gradient with that axis
 * first, as an n × rest matrix:
 *
 * <pre>
 * Hᵢ ← Hᵢ + Mᵢ Mᵢᵀ,  Hᵢ = ε I at first       or, with β &lt; 1,  Hᵢ ← β Hᵢ + (1 − β) Mᵢ Mᵢᵀ
 * u = g ×₁ H₁^(−1/2k) ×₂ .. ×ₖ Hₖ^(−1/2k)
 * </pre>
 *
 * so a matrix gets L^(−1/4) g R^(−1/4), and a convolution kernel of rank 4 the powers −1/8. Axes
 * longer than {@code maxAxis} keep the diagonal of H only. The powers come from eigenvalues, in
 * float64, with those below ε taken as ε; they are computed in the first step and every {@code
 * every} steps after it, and used as they are in between.
 *
 * @param decay β in (0, 1]; 1 is the sum of the paper
 * @param epsilon ε > 0
 * @param every steps between two computations of the powers, ≥ 1
 * @param maxAxis the longest axis with a full matrix, ≥ 0
 * @param graft whose length the update of a leaf gets
 */
public record ScaleByShampoo(double decay, double epsilon, int every, int maxAxis, Graft graft)
        implements GradientTransform<ScaleByShampoo.State> {

    /**
     * Whose length the update of a leaf gets. R. Anil et al., "Scalable second order optimization
     * for deep learning", 2020, section "Layer-wise learning rates".
     */
    public enum Graft {
        /** Its own, as in the paper of 2018. */
        NONE,
        /** That of the gradient. */
        SGD,
        /** That of g / (√Σg² + ε), the sum over all steps. */
        ADAGRAD
    }

    /**
     * What it remembers, by the path of a leaf.
     *
     * @param step int32 ()
     * @param statistics Hᵢ, (n, n), or its diagonal, (n,), by axis
     * @param roots Hᵢ^(−1/2k) as last computed
     * @param squares Σg² for {@link Graft#ADAGRAD}, otherwise empty
     */
    public record State(
            Tensor step,
            Map<String, List<Tensor>> statistics,
            Map<String, List<Tensor>> roots,
            Map<String, Tensor> squares) {}

    /** What the computation of roots starts from. */
    record Both(Map<String, List<Tensor>> statistics, Map<String, List<Tensor>> roots) {}

    /** Checks the numbers. */
    public ScaleByShampoo {
        OptimizerException.check("Shampoo", "decay", decay, "in (0, 1]", decay > 0 && decay <= 1);
        OptimizerException.check("Shampoo", "epsilon", epsilon, "positive", epsilon > 0);
        OptimizerException.check("Shampoo", "every", every, "at least 1", every >= 1);
        OptimizerException.check("Shampoo", "maxAxis", maxAxis, "at least 0", maxAxis >= 0);
    }

    @Override
    public State init(Object params) {
        var statistics = new LinkedHashMap<String, List<Tensor>>();
        var roots = new LinkedHashMap<String, List<Tensor>>();
        var squares = new LinkedHashMap<String, Tensor>();
        for (var leaf : Tree.flatten(params).leaves()) {
            if (!leaf.trained()) {
                continue;
            }
            var h = new ArrayList<Tensor>();
            var r = new ArrayList<Tensor>();
            var dtype = leaf.tensor().dtype();
            for (int n : axes(leaf.tensor())) {
                boolean full = n <= maxAxis;
                Tensor one =
                        full
                                ? Creation.eye(dtype, n)
                                : Creation.ones(new TensorType(Shape.of(n), dtype));
                h.add(one.times(epsilon));
                r.add(one);
            }
            var path = leaf.path().toString();
            statistics.put(path, h);
            roots.put(path, r);
            if (graft == Graft.ADAGRAD) {
                squares.put(path, Ops.zeros(leaf.tensor().type()));
            }
        }
        return new State(Tensor.scalar(0), statistics, roots, squares);
    }

    private static int[] axes(Tensor t) {
        return t.rank() == 0 ? new int[] {1} : t.shape().dims();
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        var statistics = new LinkedHashMap<String, List<Tensor>>();
        for (var leaf : Tree.flatten(gradients).leaves()) {
            if (leaf.trained()) {
                statistics.put(leaf.path().toString(), grown(leaf, state));
            }
        }
        Tensor due =
                Functions.remainder(state.step(), Tensor.scalar(every)).equalTo(Tensor.scalar(0));
        var roots =
                Loops.cond(
                        due,
                        (Both b) -> roots(b.statistics()),
                        Both::roots,
                        new Both(statistics, state.roots()));
        var squares = new LinkedHashMap<String, Tensor>();
        P updates =
                Tree.mapLeaves(
                        leaf -> {
                            Tensor g = leaf.tensor();
                            if (!leaf.trained()) {
                                return g;
                            }
                            var path = leaf.path().toString();
                            Tensor u = g.reshape(axes(g));
                            var ofLeaf = roots.get(path);
                            for (int i = 0; i < ofLeaf.size(); i++) {
                                u = times(ofLeaf.get(i), u, i);
                            }
                            u = u.reshape(g.shape().dims());
                            return switch (graft) {
                                case NONE -> u;
                                case SGD -> withLengthOf(g, u);
                                case ADAGRAD -> {
                                    Tensor sum = state.squares().get(path).plus(g.square());
                                    squares.put(path, sum);
                                    yield withLengthOf(g.dividedBy(sum.sqrt().plus(epsilon)), u);
                                }
                            };
                        },
                        gradients);
        return new Updates<>(updates, new State(state.step().plus(1), statistics, roots, squares));
    }

    private List<Tensor> grown(Tree.Leaf leaf, State state) {
        var path = leaf.path().toString();
        var old = state.statistics().get(path);
        var lengths = axes(leaf.tensor());
        if (old == null || old.size() != lengths.length) {
            throw new OptimizerException(
                    "Shampoo: the state has "
                            + (old == null ? "nothing" : old.size() + " axes")
                            + " for "
                            + path
                            + " of type "
                            + leaf.tensor().type()
                            + "; it belongs to another model. Start from init(params)");
        }
        var grown = new ArrayList<Tensor>();
        for (int i = 0; i < lengths.length; i++) {
            Tensor m = unfolded(leaf.tensor().reshape(lengths), i); // (n, rest)
            Tensor now = old.get(i).rank() == 2 ? m.matmul(Linalg.transpose(m)) : m.square().sum(1);
            grown.add(
                    decay == 1
                            ? old.get(i).plus(now)
                            : old.get(i).times(decay).plus(now.times(1 - decay)));
        }
        return grown;
    }

    private Map<String, List<Tensor>> roots(Map<String, List<Tensor>> statistics) {
        var roots = new LinkedHashMap<String, List<Tensor>>();
        statistics.forEach((path, ofLeaf) -> {
            double power = -0.5 / ofLeaf.size();
            roots.put(path, ofLeaf.stream().map(h -> power(h, power, epsilon)).toList());
        });
        return roots;
    }

    /**
     * H to a power, of a symmetric matrix or a diagonal, by eigenvalues in float64; those below
     * {@code floor} are taken as {@code floor}.
     */
    static Tensor power(Tensor h, double power, double floor) {
        Tensor wide = h.cast(DType.FLOAT64);
        if (h.rank() == 1) {
            return wide.maximum(Tensor.scalar(floor)).pow(power).cast(h.dtype());
        }
        var eigen = Linalg.eigh(wide);
        Tensor scaled =
                eigen.vectors().times(eigen.values().maximum(Tensor.scalar(floor)).pow(power));
        return scaled.matmul(Linalg.transpose(eigen.vectors())).cast(h.dtype());
    }

    private static Tensor unfolded(Tensor g, int axis) {
        Tensor first = Ops.moveAxis(g, axis, 0);
        return first.reshape(g.dim(axis), (int) (g.size() / g.dim(axis)));
    }

    /** The matrix or diagonal along one axis. */
    private static Tensor times(Tensor root, Tensor g, int axis) {
        Tensor m = unfolded(g, axis);
        Tensor product = root.rank() == 2 ? root.matmul(m) : m.times(root.expandDims(1));
        Tensor first = product.reshape(Ops.moveAxis(g, axis, 0).shape().dims());
        return Ops.moveAxis(first, 0, axis);
    }

    private static Tensor withLengthOf(Tensor like, Tensor u) {
        Tensor length = u.square().sum().sqrt();
        Tensor wanted = like.square().sum().sqrt();
        return u.times(wanted.dividedBy(length.maximum(Ops.full(length.type(), 1e-30))));
    }
}
