package dev.fathom.optim.second;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.math.Loops;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Activations;
import dev.fathom.optim.Descent;
import dev.fathom.optim.Objective;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.Optimizer.Step;
import dev.fathom.optim.error.OptimizerException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * K-FAC: natural gradient descent with the Fisher information of each affine layer s = ā W̄ (ā is
 * the input with a 1 for the bias) taken as a Kronecker product,
 *
 * <pre>
 * F ≈ A ⊗ G,  A = E[Σ_t ā āᵀ],  G = E[mean_t g gᵀ],  g = ∂(−log p)/∂s
 * π² = (tr A / dim A) / (tr G / dim G)
 * U = (A + π √λ I)⁻¹ ∇W̄ (G + √λ/π I)⁻¹
 * θ ← base step at θ with U in place of the gradient
 * </pre>
 *
 * J. Martens and R. Grosse, "Optimizing neural networks with Kronecker-factored approximate
 * curvature", ICML 2015, equations 1 and sections 3, 5 and 6.3 (factored Tikhonov damping);
 * convolutions as in R. Grosse and J. Martens, "A Kronecker-factored approximate Fisher matrix for
 * convolution layers", ICML 2016, theorem 1: t runs over the positions of the kernel, the sum over
 * them is with A and the mean with G. g is for targets the model itself draws, not those of the
 * batch: one draw for each example, or the mean over all of them ({@link #exactly}), which costs a
 * backward pass for every output. The factors are running averages with weight min(1 − 1/k, decay)
 * on the past at their k-th update.
 *
 * <p>We differ: layers are independent (the block-diagonal version), the damping λ is constant, and
 * the step is not rescaled by the exact Fisher: the base's learning rate decides. Parameters
 * outside affine layers, such as those of a normalisation, keep their gradient.
 *
 * <p>The objective must show its layers ({@link Objective#activations}) and be the mean of −log p
 * over the first axis of the output.
 *
 * @param base what is done with U
 * @param likelihood what the output says about the target
 * @param damping λ > 0
 * @param decay of the running averages, in [0, 1)
 * @param factorsEvery steps between updates of A and G, ≥ 1
 * @param inversesEvery steps between inversions, ≥ 1
 * @param exact whether g goes over all targets instead of one that is drawn
 * @param key of the draws
 */
public record Kfac<B>(
        Optimizer<B> base,
        Likelihood likelihood,
        double damping,
        double decay,
        int factorsEvery,
        int inversesEvery,
        boolean exact,
        Key key)
        implements Descent<Kfac.State<B>> {

    /** No factor is longer than this: the leaf keeps its gradient instead. */
    private static final int LARGEST = 8192;

    /**
     * What belongs to a layer; its weight has in · out elements.
     *
     * @param a A or its damped inverse, (in, in), one larger with a bias
     * @param g G or its damped inverse, (out, out)
     */
    public record Pair(Tensor a, Tensor g) {}

    /**
     * What it remembers, by the path of the weight.
     *
     * @param base the base's state
     * @param key of the draws
     * @param step int32 ()
     * @param updates of the factors so far, int32 ()
     * @param factors A and G
     * @param inverses of the damped factors
     */
    public record State<B>(
            B base,
            Key key,
            Tensor step,
            Tensor updates,
            Map<String, Pair> factors,
            Map<String, Pair> inverses) {}

    /** What a conditional computation takes. */
    record Both(Map<String, Pair> factors, Map<String, Pair> inverses) {}

    /** Checks the numbers. */
    public Kfac {
        OptimizerException.check("K-FAC", "damping", damping, "positive", damping > 0);
        OptimizerException.check("K-FAC", "decay", decay, "in [0, 1)", decay >= 0 && decay < 1);
        OptimizerException.check(
                "K-FAC", "factorsEvery", factorsEvery, "at least 1", factorsEvery >= 1);
        OptimizerException.check(
                "K-FAC", "inversesEvery", inversesEvery, "at least 1", inversesEvery >= 1);
    }

    /**
     * With λ = 1e-2, decay 0.95, factors at every step and inverses at every tenth, drawn targets
     * from seed 0.
     */
    public static <B> Kfac<B> of(Optimizer<B> base, Likelihood likelihood) {
        return new Kfac<>(base, likelihood, 1e-2, 0.95, 1, 10, false, Key.of(0));
    }

    /** The same with another λ. */
    public Kfac<B> withDamping(double damping) {
        return new Kfac<>(
                base, likelihood, damping, decay, factorsEvery, inversesEvery, exact, key);
    }

    /** The same with another weight of the past. */
    public Kfac<B> withDecay(double decay) {
        return new Kfac<>(
                base, likelihood, damping, decay, factorsEvery, inversesEvery, exact, key);
    }

    /** The same with factors and inverses updated at every so many steps. */
    public Kfac<B> every(int factorsEvery, int inversesEvery) {
        return new Kfac<>(
                base, likelihood, damping, decay, factorsEvery, inversesEvery, exact, key);
    }

    /** The same with all targets weighted by their probability instead of one that is drawn. */
    public Kfac<B> exactly() {
        return new Kfac<>(base, likelihood, damping, decay, factorsEvery, inversesEvery, true, key);
    }

    /** The same with draws from another key. */
    public Kfac<B> withKey(Key key) {
        return new Kfac<>(
                base, likelihood, damping, decay, factorsEvery, inversesEvery, exact, key);
    }

    @Override
    public State<B> init(Object params) {
        var named = Tree.named(params);
        var factors = new LinkedHashMap<String, Pair>();
        var inverses = new LinkedHashMap<String, Pair>();
        sizes(params)
                .forEach((path, size) -> {
                    var dtype = named.get(path).dtype();
                    factors.put(path, new Pair(zeros(size[0], dtype), zeros(size[1], dtype)));
                    inverses.put(
                            path,
                            new Pair(Creation.eye(dtype, size[0]), Creation.eye(dtype, size[1])));
                });
        return new State<>(
                base.init(params), key, Tensor.scalar(0), Tensor.scalar(0), factors, inverses);
    }

    /** The lengths of A and G for every leaf that may be the weight of an affine layer. */
    private static Map<String, int[]> sizes(Object params) {
        var named = Tree.named(params);
        var sizes = new LinkedHashMap<String, int[]>();
        for (var leaf : Tree.flatten(params).leaves()) {
            var path = leaf.path().toString();
            Tensor w = leaf.tensor();
            if (leaf.trained() && w.rank() >= 2 && path.endsWith("weight")) {
                int out = w.dim(-1);
                int in = (int) (w.size() / out) + (named.containsKey(beside(path)) ? 1 : 0);
                if (Math.max(in, out) <= LARGEST) {
                    sizes.put(path, new int[] {in, out});
                }
            }
        }
        return sizes;
    }

    private static Tensor zeros(int n, DType dtype) {
        return Ops.zeros(new TensorType(Shape.of(n, n), dtype));
    }

    /** Where the bias of the weight at this path stands, if it has one. */
    private static String beside(String weight) {
        return weight.substring(0, weight.length() - "weight".length()) + "bias";
    }

    @Override
    public <P> Step<P, State<B>> update(
            ValueGrad<P> here, Objective<P> objective, State<B> state, P params) {
        checkState(state, params);
        Tensor due = every(state.step(), factorsEvery);
        Tensor updates = state.updates().plus(due.cast(DType.INT32));
        var both = new Both(state.factors(), state.inverses());
        var factors =
                Loops.cond(
                        due,
                        (Both b) -> averaged(b.factors(), objective.activations(params), state),
                        Both::factors,
                        both);
        var inverses =
                Loops.cond(
                        every(state.step(), inversesEvery),
                        (Both b) -> inverted(b.factors()),
                        Both::inverses,
                        new Both(factors, state.inverses()));
        P natural = preconditioned(here.gradient(), inverses);
        var step = base.update(natural, state.base(), params);
        return new Step<>(
                step.params(),
                new State<>(
                        step.state(),
                        state.key(),
                        state.step().plus(1),
                        updates,
                        factors,
                        inverses));
    }

    private void checkState(State<B> state, Object params) {
        var sizes = sizes(params);
        if (!sizes.keySet().equals(state.factors().keySet())) {
            throw new OptimizerException(
                    "K-FAC: the state has factors for "
                            + state.factors().keySet()
                            + ", the model has weights "
                            + sizes.keySet()
                            + "; the state belongs to another model. Start from init(params)");
        }
        sizes.forEach((path, size) -> {
            var f = state.factors().get(path);
            if (f.a().dim(0) != size[0] || f.g().dim(0) != size[1]) {
                throw new OptimizerException(
                        "K-FAC: the state has factors "
                                + f.a().shape()
                                + " and "
                                + f.g().shape()
                                + " for "
                                + path
                                + ", which needs "
                                + size[0]
                                + " and "
                                + size[1]
                                + "; it belongs to another model. Start from init(params)");
            }
        });
    }

    private static Tensor every(Tensor step, int n) {
        return Functions.remainder(step, Tensor.scalar(n)).equalTo(Tensor.scalar(0));
    }

    /** The factors with those of this batch taken in. */
    private Map<String, Pair> averaged(Map<String, Pair> old, Activations seen, State<B> state) {
        Tensor z = seen.output();
        var cotangents =
                exact
                        ? likelihood.roots(z)
                        : List.of(likelihood.score(state.key().fold(state.step()), z));
        var scores = cotangents.stream().map(seen.scores()).toList();
        Tensor k = state.updates().plus(1).cast(DType.FLOAT64);
        Tensor one = Tensor.scalar(1.0);
        Tensor past = one.minus(one.dividedBy(k)).minimum(Tensor.scalar(decay));
        var next = new LinkedHashMap<>(old);
        seen.layers()
                .forEach((path, layer) -> {
                    var before = old.get(path);
                    if (before == null) {
                        return; // not named weight, or too large: its gradient stays
                    }
                    checkBias(path, layer, before);
                    Tensor a = withOne(layer.inputs(), layer.bias().isPresent());
                    Tensor g = null;
                    for (var score : scores) {
                        Tensor square = gram(score.get(path));
                        g = g == null ? square : g.plus(square);
                    }
                    double places = (double) a.dim(0) * a.dim(1);
                    next.put(
                            path,
                            new Pair(
                                    mixed(past, before.a(), gram(a).dividedBy(a.dim(0))),
                                    mixed(past, before.g(), g.dividedBy(places))));
                });
        return next;
    }

    private static void checkBias(String path, Activations.Affine layer, Pair factors) {
        int in = layer.inputs().dim(-1) + (layer.bias().isPresent() ? 1 : 0);
        boolean beside = layer.bias().map(b -> b.equals(beside(path))).orElse(true);
        if (!beside || in != factors.a().dim(0)) {
            throw new OptimizerException(
                    "K-FAC: the layer with its weight at "
                            + path
                            + " has its bias at "
                            + layer.bias().orElse("no place")
                            + "; a bias must stand beside its weight and be named bias: "
                            + beside(path));
        }
    }

    /** (n, t, in) with a last column of ones where there is a bias. */
    private static Tensor withOne(Tensor a, boolean bias) {
        if (!bias) {
            return a;
        }
        Tensor ones = Creation.ones(new TensorType(Shape.of(a.dim(0), a.dim(1), 1), a.dtype()));
        return Shaping.concatenate(2, a, ones);
    }

    /** Σ x xᵀ over the first two axes. */
    private static Tensor gram(Tensor x) {
        Tensor rows = x.reshape(x.dim(0) * x.dim(1), x.dim(2));
        return Linalg.transpose(rows).matmul(rows);
    }

    private static Tensor mixed(Tensor past, Tensor old, Tensor now) {
        Tensor w = past.cast(old.dtype());
        return old.times(w).plus(now.times(w.negate().plus(1)));
    }

    private Map<String, Pair> inverted(Map<String, Pair> factors) {
        var inverses = new LinkedHashMap<String, Pair>();
        factors.forEach((path, f) -> inverses.put(path, inverted(f)));
        return inverses;
    }

    /** The damped inverses; the identity for a weight that no layer has shown. */
    private Pair inverted(Pair factors) {
        Tensor a = factors.a().cast(DType.FLOAT64);
        Tensor g = factors.g().cast(DType.FLOAT64);
        Tensor eyeA = Creation.eye(DType.FLOAT64, a.dim(0));
        Tensor eyeG = Creation.eye(DType.FLOAT64, g.dim(0));
        Tensor tiny = Tensor.scalar(1e-30);
        Tensor meanA = a.times(eyeA).sum().dividedBy(a.dim(0));
        Tensor meanG = g.times(eyeG).sum().dividedBy(g.dim(0));
        Tensor pi = meanA.maximum(tiny).dividedBy(meanG.maximum(tiny)).sqrt();
        double root = Math.sqrt(damping);
        Tensor inverseA = Linalg.inverse(a.plus(eyeA.times(pi.times(root))));
        Tensor inverseG = Linalg.inverse(g.plus(eyeG.times(Tensor.scalar(root).dividedBy(pi))));
        Tensor shown = meanA.greaterThan(Tensor.scalar(0.0));
        return new Pair(
                Functions.where(shown, inverseA, eyeA).cast(factors.a().dtype()),
                Functions.where(shown, inverseG, eyeG).cast(factors.g().dtype()));
    }

    /** A⁻¹ ∇W̄ G⁻¹ in every weight and bias with factors. */
    private static <P> P preconditioned(P gradient, Map<String, Pair> inverses) {
        var named = Tree.named(gradient);
        var replaced = new LinkedHashMap<String, Tensor>();
        inverses.forEach((path, inverse) -> {
            Tensor w = Objects.requireNonNull(named.get(path)); // checked with the state
            var bias = named.get(beside(path));
            int out = w.dim(-1);
            int in = (int) (w.size() / out);
            Tensor m = w.reshape(in, out);
            Tensor all = bias == null ? m : Shaping.concatenate(0, m, bias.reshape(1, out));
            Tensor u = inverse.a().matmul(all).matmul(inverse.g());
            replaced.put(path, u.slice(0, 0, in).reshape(w.shape().dims()));
            if (bias != null) {
                replaced.put(beside(path), u.slice(0, in, in + 1).reshape(bias.shape().dims()));
            }
        });
        return Tree.mapLeaves(
                leaf -> replaced.getOrDefault(leaf.path().toString(), leaf.tensor()), gradient);
    }
}
