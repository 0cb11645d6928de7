package dev.fathom.nn.loss;

import dev.fathom.core.error.IndexException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;

/**
 * The usual losses, each as a {@link Loss} and as a function. All take the raw outputs of the last
 * layer (logits where classes are meant: no softmax or sigmoid before them) and give the mean over
 * the batch. Those that compare vectors are in {@link EmbeddingLosses}.
 *
 * <p>Labels and targets that cannot be are refused with their position. Inside {@code jit}, where
 * numbers cannot be looked at, they make the loss NaN.
 */
public final class Losses {
    private Losses() {}

    // ---- classes -------------------------------------------------------------------------------

    /** {@link #crossEntropy(Tensor, Tensor)}. */
    public static Loss crossEntropy() {
        return Losses::crossEntropy;
    }

    /**
     * Softmax cross-entropy with class labels: the mean of −ln softmax(z)[y] over the batch, the
     * negative log-likelihood of the labels. J. Bridle, "Probabilistic interpretation of
     * feedforward classification network outputs", 1990. Its derivative is (softmax(z) − onehot(y))
     * / n.
     *
     * @param logits z, (n, k), or (.., k)
     * @param labels y, int32 (n), or (..)
     * @throws IndexException if a label is no class
     */
    public static Tensor crossEntropy(Tensor logits, Tensor labels) {
        LossChecks.classes("crossEntropy", logits, labels);
        Tensor logp = Functions.logSoftmax(logits, -1); // (.., k)
        return valid(labels, logits.dim(-1), at(logp, labels).negate()).mean();
    }

    /** {@link #smoothedCrossEntropy(Tensor, Tensor, double)} with the given ε, often 0.1. */
    public static Loss smoothedCrossEntropy(double smoothing) {
        smoothing(smoothing);
        return (logits, labels) -> smoothedCrossEntropy(logits, labels, smoothing);
    }

    /**
     * Cross-entropy with label smoothing: the label keeps 1 − ε and all k classes share ε, target
     * (1 − ε) onehot(y) + ε/k. C. Szegedy et al., "Rethinking the Inception architecture", CVPR
     * 2016, section 7. Its derivative is (softmax(z) − target) / n.
     *
     * @param logits z, (n, k), or (.., k)
     * @param labels y, int32 (n), or (..)
     * @param smoothing ε, in [0, 1]
     * @throws IndexException if a label is no class
     */
    public static Tensor smoothedCrossEntropy(Tensor logits, Tensor labels, double smoothing) {
        smoothing(smoothing);
        LossChecks.classes("smoothedCrossEntropy", logits, labels);
        Tensor logp = Functions.logSoftmax(logits, -1); // (.., k)
        Tensor right = at(logp, labels).times(1 - smoothing);
        Tensor all = logp.mean(-1).times(smoothing);
        return valid(labels, logits.dim(-1), right.plus(all).negate()).mean();
    }

    private static void smoothing(double smoothing) {
        boolean good = smoothing >= 0 && smoothing <= 1;
        LossChecks.number("smoothedCrossEntropy", "the smoothing", smoothing, good, "in [0, 1]");
    }

    /** {@link #weightedCrossEntropy(Tensor, Tensor, Tensor)} with the given weights, (k). */
    public static Loss weightedCrossEntropy(Tensor weights) {
        return (logits, labels) -> weightedCrossEntropy(logits, labels, weights);
    }

    /**
     * Cross-entropy in which class c counts w_c times: −Σ w_y ln softmax(z)[y] / Σ w_y, sums over
     * the batch. With weights 1/frequency every class has the same say. G. King and L. Zeng,
     * "Logistic regression in rare events data", Political Analysis 9, 2001, section 4.2.
     *
     * @param logits z, (n, k), or (.., k)
     * @param labels y, int32 (n), or (..)
     * @param weights w, (k), of the dtype of z, none negative
     * @throws IndexException if a label is no class, or a weight negative
     */
    public static Tensor weightedCrossEntropy(Tensor logits, Tensor labels, Tensor weights) {
        LossChecks.classes("weightedCrossEntropy", logits, labels);
        LossChecks.weights("weightedCrossEntropy", logits, weights);
        Tensor logp = Functions.logSoftmax(logits, -1); // (.., k)
        Tensor w = at(weights.broadcastTo(logits.shape().dims()), labels); // (..)
        Tensor each = valid(labels, logits.dim(-1), at(logp, labels).times(w).negate());
        return each.sum().dividedBy(w.sum());
    }

    /** {@link #crossEntropyOfDistributions(Tensor, Tensor)}. */
    public static Loss crossEntropyOfDistributions() {
        return Losses::crossEntropyOfDistributions;
    }

    /**
     * Softmax cross-entropy with target distributions: the mean of −Σ p ln softmax(z) over the
     * batch. For one-hot p it is {@link #crossEntropy(Tensor, Tensor)}. That the rows of p sum to 1
     * is not checked.
     *
     * @param logits z, (n, k), or (.., k)
     * @param distributions p, of the type of z
     */
    public static Tensor crossEntropyOfDistributions(Tensor logits, Tensor distributions) {
        distributions("crossEntropyOfDistributions", logits, distributions);
        return Functions.logSoftmax(logits, -1).times(distributions).sum(-1).mean().negate();
    }

    /** {@link #klDivergence(Tensor, Tensor)}. */
    public static Loss klDivergence() {
        return Losses::klDivergence;
    }

    /**
     * Kullback-Leibler divergence of the softmax from target distributions: the mean of KL(p ‖
     * softmax(z)) = Σ p (ln p − ln softmax(z)) over the batch, with 0 ln 0 = 0. S. Kullback and R.
     * Leibler, Annals of Mathematical Statistics 22, 1951. It is {@link
     * #crossEntropyOfDistributions(Tensor, Tensor)} less the entropy of p, so that the best value
     * is 0 and the derivative in z the same, (softmax(z) − p) / n.
     *
     * @param logits z, (n, k), or (.., k)
     * @param distributions p, of the type of z, rows that sum to 1
     */
    public static Tensor klDivergence(Tensor logits, Tensor distributions) {
        distributions("klDivergence", logits, distributions);
        Tensor some = distributions.greaterThan(Ops.zeros(distributions.type()));
        Tensor safe = Functions.where(some, distributions, Ops.full(distributions.type(), 1));
        Tensor logs = safe.log().minus(Functions.logSoftmax(logits, -1));
        return distributions.times(logs).sum(-1).mean();
    }

    private static void distributions(String loss, Tensor logits, Tensor distributions) {
        LossChecks.floating(loss, logits);
        LossChecks.same(loss, "logits", logits, "distributions", distributions);
        if (logits.rank() == 0) {
            throw new ShapeException(loss + ": a scalar has no classes; logits are (n, k)");
        }
    }

    /** {@link #multiClassHinge(Tensor, Tensor)}. */
    public static Loss multiClassHinge() {
        return Losses::multiClassHinge;
    }

    /**
     * Multi-class hinge: the mean of max(0, 1 + max_{j≠y} z_j − z_y), nothing where the label wins
     * by 1. K. Crammer and Y. Singer, "On the algorithmic implementation of multiclass kernel-based
     * vector machines", JMLR 2, 2001, section 3. At ties the derivative is shared; where the margin
     * is exactly 1 it is 0.
     *
     * @param logits z, (n, k), or (.., k), at least two classes
     * @param labels y, int32 (n), or (..)
     * @throws IndexException if a label is no class
     */
    public static Tensor multiClassHinge(Tensor logits, Tensor labels) {
        LossChecks.classes("multiClassHinge", logits, labels);
        int classes = logits.dim(-1);
        if (classes < 2) {
            throw new ShapeException(
                    "multiClassHinge: logits " + logits.shape() + " have one class; it takes two");
        }
        Tensor never = Ops.full(logits.type(), Double.NEGATIVE_INFINITY);
        Tensor rival = Functions.where(chosen(logits, labels), never, logits).max(-1);
        Tensor each = Functions.relu(rival.minus(at(logits, labels)).plus(1));
        return valid(labels, classes, each).mean();
    }

    // ---- yes or no -----------------------------------------------------------------------------

    /** {@link #logistic(Tensor, Tensor)}. */
    public static Loss logistic() {
        return Losses::logistic;
    }

    /**
     * Binary cross-entropy from logits: the mean over all elements of −t ln σ(z) − (1 − t) ln(1 −
     * σ(z)), computed as ln(1 + e^z) − t z. D. Cox, "The regression analysis of binary sequences",
     * JRSS B 20, 1958. Its derivative is (σ(z) − t) / n.
     *
     * @param logits z, of any shape
     * @param targets t, of the type of z: 0 or 1, or a probability
     * @throws IndexException if a target is outside [0, 1]
     */
    public static Tensor logistic(Tensor logits, Tensor targets) {
        LossChecks.floating("logistic", logits);
        LossChecks.same("logistic", "logits", logits, "targets", targets);
        LossChecks.each("logistic", "target", targets, t -> t >= 0 && t <= 1, "in [0, 1]");
        Tensor each = Functions.softplus(logits).minus(targets.times(logits));
        Tensor zero = Ops.zeros(targets.type());
        Tensor one = Ops.full(targets.type(), 1);
        return poisoned(
                        Functions.and(
                                Functions.compare(Order.GREATER_EQUAL, targets, zero),
                                Functions.compare(Order.LESS_EQUAL, targets, one)),
                        each)
                .mean();
    }

    /** {@link #focal(Tensor, Tensor, double)} with the given γ, often 2. */
    public static Loss focal(double gamma) {
        gamma(gamma);
        return (logits, targets) -> focal(logits, targets, gamma);
    }

    /**
     * Focal loss: the mean over all elements of −(1 − p)^γ ln p, where p is the probability of what
     * is true, σ(z) for t = 1 and σ(−z) for t = 0. What is already right counts little; γ = 0 is
     * {@link #logistic(Tensor, Tensor)}. T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, ICCV
     * 2017, equation 4; the α of equation 5 is a weight for each class, which we leave to the
     * caller.
     *
     * @param logits z, of any shape
     * @param targets t, of the type of z: 0 or 1
     * @param gamma γ, at least 0
     * @throws IndexException if a target is neither 0 nor 1
     */
    public static Tensor focal(Tensor logits, Tensor targets, double gamma) {
        gamma(gamma);
        LossChecks.floating("focal", logits);
        LossChecks.same("focal", "logits", logits, "targets", targets);
        LossChecks.each("focal", "target", targets, t -> t == 0 || t == 1, "0 or 1");
        Tensor z = logits.times(targets.times(2).minus(1)); // the logit of what is true
        Tensor wrong = Functions.softplus(z).times(-gamma).exp(); // (1 − p)^γ, from ln σ(−z)
        Tensor each = wrong.times(Functions.softplus(z.negate()));
        return poisoned(targets.equalTo(targets.square()), each).mean();
    }

    private static void gamma(double gamma) {
        boolean good = gamma >= 0 && gamma < Double.POSITIVE_INFINITY;
        LossChecks.number("focal", "γ", gamma, good, "at least 0");
    }

    /** {@link #hinge(Tensor, Tensor)}. */
    public static Loss hinge() {
        return Losses::hinge;
    }

    /**
     * Hinge loss: the mean over all elements of max(0, 1 − t z), the loss of support vector
     * machines. C. Cortes and V. Vapnik, Machine Learning 20, 1995. The derivative at t z = 1 is 0.
     *
     * @param scores z, of any shape
     * @param targets t, of the type of z: −1 or 1
     * @throws IndexException if a target is neither −1 nor 1
     */
    public static Tensor hinge(Tensor scores, Tensor targets) {
        LossChecks.floating("hinge", scores);
        LossChecks.same("hinge", "scores", scores, "targets", targets);
        LossChecks.each(
                "hinge",
                "target",
                targets,
                t -> Math.abs(t) == 1,
                "-1 or 1. For 0 and 1: t.times(2).minus(1)");
        Tensor each = Functions.relu(scores.times(targets).negate().plus(1));
        return poisoned(targets.square().equalTo(Ops.full(targets.type(), 1)), each).mean();
    }

    // ---- numbers -------------------------------------------------------------------------------

    /** {@link #mse(Tensor, Tensor)}. */
    public static Loss mse() {
        return Losses::mse;
    }

    /**
     * Mean squared error: the mean of (y − t)² over all elements, of the batch and of each output.
     *
     * @param output y, of any shape
     * @param target t, of the type of y; it is not broadcast
     */
    public static Tensor mse(Tensor output, Tensor target) {
        LossChecks.floating("mse", output);
        LossChecks.same("mse", "output", output, "target", target);
        return output.minus(target).square().mean();
    }

    /** {@link #mae(Tensor, Tensor)}. */
    public static Loss mae() {
        return Losses::mae;
    }

    /**
     * Mean absolute error: the mean of |y − t| over all elements; it is smallest at the median. The
     * derivative where y = t is 0.
     *
     * @param output y, of any shape
     * @param target t, of the type of y; it is not broadcast
     */
    public static Tensor mae(Tensor output, Tensor target) {
        LossChecks.floating("mae", output);
        LossChecks.same("mae", "output", output, "target", target);
        return output.minus(target).abs().mean();
    }

    /** {@link #huber(Tensor, Tensor, double)} with the given δ. */
    public static Loss huber(double delta) {
        delta(delta);
        return (output, target) -> huber(output, target, delta);
    }

    /**
     * Huber loss: the mean over all elements of r²/2 where |r| ≤ δ, else δ (|r| − δ/2), with r = y
     * − t. P. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics
     * 35, 1964. Its derivative is r held in [−δ, δ], over the number of elements.
     *
     * @param output y, of any shape
     * @param target t, of the type of y; it is not broadcast
     * @param delta δ, in the unit of y, above 0
     */
    public static Tensor huber(Tensor output, Tensor target, double delta) {
        delta(delta);
        LossChecks.floating("huber", output);
        LossChecks.same("huber", "output", output, "target", target);
        Tensor r = output.minus(target);
        Tensor held = Functions.clip(r, -delta, delta);
        return held.times(r.minus(held.times(0.5))).mean();
    }

    private static void delta(double delta) {
        boolean good = delta > 0 && delta < Double.POSITIVE_INFINITY;
        LossChecks.number("huber", "δ", delta, good, "above 0");
    }

    // ---- what they share -----------------------------------------------------------------------

    /** (.., k), true at the label. */
    private static Tensor chosen(Tensor x, Tensor labels) {
        var positions = x.type().withDType(DType.INT32);
        return Creation.iota(positions, -1).equalTo(labels.expandDims(-1));
    }

    /** The element of each row at its label, (..). */
    private static Tensor at(Tensor x, Tensor labels) {
        return Functions.where(chosen(x, labels), x, Ops.zeros(x.type())).sum(-1);
    }

    /** NaN for labels that are no classes. */
    private static Tensor valid(Tensor labels, int classes, Tensor each) {
        Tensor zero = Ops.zeros(labels.type());
        Tensor good =
                Functions.and(
                        Functions.compare(Order.GREATER_EQUAL, labels, zero),
                        labels.lessThan(Ops.full(labels.type(), classes)));
        return poisoned(good, each);
    }

    private static Tensor poisoned(Tensor good, Tensor each) {
        return Functions.where(good, each, Ops.full(each.type(), Double.NaN));
    }
}
