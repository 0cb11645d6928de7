package dev.fathom.nn.loss;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

/**
 * Losses that compare vectors: which belong together, which do not. Where cosines are meant, the
 * vectors need no length 1; the cosine with a vector of zeros is 0.
 */
public final class EmbeddingLosses {
    private EmbeddingLosses() {}

    /** {@link #cosine(Tensor, Tensor)}. */
    public static Loss cosine() {
        return EmbeddingLosses::cosine;
    }

    /**
     * The mean over the batch of 1 − cos(y, t), in [0, 2].
     *
     * @param output y, (n, d)
     * @param target t, of the type of y
     */
    public static Tensor cosine(Tensor output, Tensor target) {
        LossChecks.vectors("cosine", "output", output, "target", target);
        return unit(output).times(unit(target)).sum(-1).mean().negate().plus(1);
    }

    /** {@link #infoNce(Tensor, Tensor, double)} with the given temperature. */
    public static Loss infoNce(double temperature) {
        temperature("infoNce", temperature);
        return (queries, keys) -> infoNce(queries, keys, temperature);
    }

    /**
     * InfoNCE: query i has to find key i among the n keys of the batch, cross-entropy over cosines
     * divided by τ: the mean of −ln (e^(cos(q_i, k_i)/τ) / Σ_j e^(cos(q_i, k_j)/τ)). A. van den
     * Oord, Y. Li, O. Vinyals, "Representation learning with contrastive predictive coding", 2018,
     * equation 4, with the score of K. He et al., "Momentum contrast", CVPR 2020, equation 1. ln n
     * less this bounds the mutual information from below.
     *
     * @param queries q, (n, d)
     * @param keys k, of the type of q; row i belongs to query i, all others do not
     * @param temperature τ, above 0, often 0.07
     * @throws LayerException if n is 1
     */
    public static Tensor infoNce(Tensor queries, Tensor keys, double temperature) {
        temperature("infoNce", temperature);
        LossChecks.vectors("infoNce", "queries", queries, "keys", keys);
        LossChecks.several("infoNce", queries.dim(0));
        Tensor cosines = unit(queries).matmul(unit(keys).transpose(1, 0)); // (n, n)
        Tensor own = Creation.range(DType.INT32, queries.dim(0));
        return Losses.crossEntropy(cosines.dividedBy(temperature), own);
    }

    /** {@link #ntXent(Tensor, Tensor, double)} with the given temperature. */
    public static Loss ntXent(double temperature) {
        temperature("ntXent", temperature);
        return (first, second) -> ntXent(first, second, temperature);
    }

    /**
     * The normalised temperature-scaled cross-entropy of SimCLR: two views of each of n examples
     * make 2n vectors, and each has to find its partner among the 2n − 1 others. T. Chen, S.
     * Kornblith, M. Norouzi, G. Hinton, "A simple framework for contrastive learning of visual
     * representations", ICML 2020, equation 1, averaged as in algorithm 1.
     *
     * @param first (n, d), a view of each example
     * @param second of the type of the first: another view, in the same order
     * @param temperature τ, above 0, often 0.5
     * @throws LayerException if n is 1
     */
    public static Tensor ntXent(Tensor first, Tensor second, double temperature) {
        temperature("ntXent", temperature);
        LossChecks.vectors("ntXent", "first views", first, "second views", second);
        int n = first.dim(0);
        LossChecks.several("ntXent", n);
        Tensor z = unit(Shaping.concatenate(0, first, second)); // (2n, d)
        Tensor s = z.matmul(z.transpose(1, 0)).dividedBy(temperature); // (2n, 2n)
        var places = s.type().withDType(DType.INT32);
        Tensor self = Creation.iota(places, 0).equalTo(Creation.iota(places, 1));
        Tensor others = Functions.where(self, Ops.full(s.type(), Double.NEGATIVE_INFINITY), s);
        Tensor range = Creation.range(DType.INT32, n);
        Tensor partner = Shaping.concatenate(0, range.plus(n), range); // (2n)
        return Losses.crossEntropy(others, partner);
    }

    private static void temperature(String loss, double temperature) {
        boolean good = temperature > 0 && temperature < Double.POSITIVE_INFINITY;
        LossChecks.number(loss, "the temperature", temperature, good, "above 0");
    }

    /**
     * Triplet loss: the mean of max(0, ‖a − p‖² − ‖a − n‖² + m), nothing where the negative is
     * farther than the positive by the margin. F. Schroff, D. Kalenichenko, J. Philbin, "FaceNet",
     * CVPR 2015, section 3.1, where the vectors have length 1; here they are taken as they are.
     *
     * @param anchor a, (n, d)
     * @param positive p, of the type of a
     * @param negative n, of the type of a
     * @param margin m, in squared units of a, often 0.2
     */
    public static Tensor triplet(Tensor anchor, Tensor positive, Tensor negative, double margin) {
        LossChecks.vectors("triplet", "anchors", anchor, "positives", positive);
        LossChecks.vectors("triplet", "anchors", anchor, "negatives", negative);
        Tensor near = anchor.minus(positive).square().sum(-1);
        Tensor far = anchor.minus(negative).square().sum(-1);
        return Functions.relu(near.minus(far).plus(margin)).mean();
    }

    /** Rows of length 1; zeros stay. */
    private static Tensor unit(Tensor x) {
        Tensor squares = x.square().sum(-1);
        Tensor some = squares.greaterThan(Ops.zeros(squares.type()));
        Tensor length = Functions.where(some, squares, Ops.full(squares.type(), 1)).sqrt();
        return x.dividedBy(length.expandDims(-1));
    }
}
