package dev.fathom.nn.norm;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Functions;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.PerSample;
import dev.fathom.core.tree.Statistic;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.error.LayerException;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

import java.util.List;

/**
 * Batch normalisation over all axes but the last:
 *
 * <pre>y = γ (x − μ) / √(σ² + ε) + β</pre>
 *
 * <p>In training μ and σ² are the mean and the variance (divided by m) of the m values of each
 * feature in the batch, and the running statistics move: running ← momentum · running + (1 −
 * momentum) · batch, where the running variance takes the unbiased estimate (divided by m − 1). In
 * evaluation μ and σ² are the running statistics.
 *
 * <p>Shapes: x and y (.., features), the four others (features).
 *
 * <p>S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015, algorithms 1 and 2. We differ: the
 * paper averages the statistics after training; like every library we let them run. Our momentum is
 * the weight of the past, as in Keras; PyTorch's is 1 − ours. The unbiased running variance is the
 * paper's (algorithm 2, line 10) and PyTorch's; Keras keeps the biased one.
 *
 * @param gamma γ, (features)
 * @param beta β, (features)
 * @param mean the running mean, (features)
 * @param variance the running variance, (features)
 * @param momentum weight of the past in the running statistics, in [0, 1]
 * @param epsilon ε
 */
public record BatchNorm(
        Tensor gamma,
        Tensor beta,
        Statistic mean,
        Statistic variance,
        double momentum,
        double epsilon)
        implements Layer {

    /** Checks the numbers. */
    public BatchNorm {
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new LayerException(
                    "BatchNorm: momentum is "
                            + momentum
                            + "; it is the weight of the past and lies in [0, 1]");
        }
        if (!(epsilon > 0)) {
            throw new LayerException("BatchNorm: epsilon is " + epsilon + "; it must be positive");
        }
    }

    /** γ = 1, β = 0, running mean 0 and variance 1, momentum 0.9, ε = 1e-5, float32. */
    public static BatchNorm of(int features) {
        Checks.positive("BatchNorm", "features", features);
        return new BatchNorm(
                Tensor.ones(features),
                Tensor.zeros(features),
                new Statistic(Tensor.zeros(features)),
                new Statistic(Tensor.ones(features)),
                0.9,
                1e-5);
    }

    /** The same with another weight of the past. */
    public BatchNorm withMomentum(double momentum) {
        return new BatchNorm(gamma, beta, mean, variance, momentum, epsilon);
    }

    /**
     * The same with the mean and the variance (divided by the number of values) of all the inputs
     * of this layer as its running statistics, so that evaluation over a whole data set is what
     * training on it as one batch gives. The batches may differ in size: with m_k values per
     * feature in batch k and m of all, μ = Σ m_k μ_k / m and σ² = Σ m_k (σ_k² + (μ_k − μ)²) / m.
     *
     * @param inputs what this layer is applied to, batch for batch
     */
    public BatchNorm withStatisticsOf(List<Tensor> inputs) {
        if (inputs.isEmpty()) {
            throw new LayerException("BatchNorm: no inputs to take statistics of");
        }
        int features = gamma.dim(0);
        double all = 0;
        for (Tensor x : inputs) {
            Checks.features("BatchNorm", x, gamma);
            all += x.size();
        }
        Tensor mu = Tensor.full(gamma.dtype(), 0, features);
        for (Tensor x : inputs) {
            Tensor part = Partition.BATCH.moments(x).mean().reshape(features);
            mu = mu.plus(part.times(x.size() / all));
        }
        Tensor sigma2 = Tensor.full(gamma.dtype(), 0, features);
        for (Tensor x : inputs) {
            var part = Partition.BATCH.moments(x);
            Tensor spread = part.mean().reshape(features).minus(mu).square();
            Tensor total = part.variance().reshape(features).plus(spread);
            sigma2 = sigma2.plus(total.times(x.size() / all));
        }
        return new BatchNorm(
                gamma, beta, new Statistic(mu), new Statistic(sigma2), momentum, epsilon);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    Checks.parameter("BatchNorm", "gamma", gamma, 1, "(features)");
                    Checks.features("BatchNorm", x, gamma);
                    if (!pass.training()) {
                        return normalise(
                                x, pass.current(mean.value()), pass.current(variance.value()));
                    }
                    PerSample.refuseMixing(
                            "BatchNorm",
                            "Use GroupNorm or LayerNorm, or the running statistics, with"
                                    + " Pass.eval()");
                    long m = x.size() / gamma.dim(0);
                    if (m < 2) {
                        throw new ShapeException(
                                "BatchNorm: input "
                                        + x.shape()
                                        + " has "
                                        + m
                                        + " value per feature, which has no variance. Train on"
                                        + " larger batches (drop a last batch of 1), or evaluate"
                                        + " with Pass.eval()");
                    }
                    var moments = Partition.BATCH.moments(x);
                    Tensor mu = moments.mean().reshape(gamma.dim(0)); // (features)
                    Tensor sigma2 = moments.variance().reshape(gamma.dim(0)); // (features)
                    move(pass, mean, mu);
                    move(pass, variance, sigma2.times((double) m / (m - 1)));
                    return normalise(x, mu, sigma2);
                });
    }

    private Tensor normalise(Tensor x, Tensor mu, Tensor sigma2) {
        Tensor scale = gamma.times(Functions.rsqrt(sigma2.plus(epsilon)));
        return x.minus(mu).times(scale).plus(beta);
    }

    private void move(Pass pass, Statistic running, Tensor batch) {
        Tensor old = pass.current(running.value());
        pass.update(running.value(), old.times(momentum).plus(batch.times(1 - momentum)));
    }
}
