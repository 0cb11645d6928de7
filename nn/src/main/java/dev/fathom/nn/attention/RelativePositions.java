package dev.fathom.nn.attention;

import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Functions;
import dev.fathom.core.math.Shaping;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.error.LayerException;

/** How the scores of {@link MultiHeadAttention} depend on where queries and keys stand. */
public sealed interface RelativePositions {

    /** q or k (.., t, d) that stand at {@code positions}, int32 (t). */
    Tensor turn(Tensor x, Tensor positions);

    /** Scores (n, heads, queries, keys) with what distance adds to them. */
    Tensor bias(Tensor scores, Tensor queries, Tensor keys);

    /**
     * Scores that know nothing of positions: positions are added to the input, or do not matter.
     */
    record None() implements RelativePositions {
        @Override
        public Tensor turn(Tensor x, Tensor positions) {
            return x;
        }

        @Override
        public Tensor bias(Tensor scores, Tensor queries, Tensor keys) {
            return scores;
        }
    }

    /**
     * Rotary positions: the pair (x_{2i−1}, x_{2i}) of a query or key at position m is turned by
     * the angle m θᵢ, θᵢ = base^(−2(i−1)/d), so that scores depend on differences of positions
     * only. J. Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021,
     * equation 34. Neighbours form a pair, as in the paper; some programs pair i with i + d/2.
     * Angles are computed in float64.
     *
     * @param base 10,000 in the paper
     */
    record Rotary(double base) implements RelativePositions {
        /** Checks the base. */
        public Rotary {
            if (!(base > 1)) {
                throw new LayerException("Rotary: base is " + base + "; it must be above 1");
            }
        }

        /** With base 10,000. */
        public static Rotary of() {
            return new Rotary(10_000);
        }

        /**
         * @throws LayerException if d is odd
         */
        @Override
        public Tensor turn(Tensor x, Tensor positions) {
            int d = x.dim(-1);
            if (d % 2 != 0) {
                throw new LayerException(
                        "Rotary: vectors of "
                                + d
                                + " numbers do not split into pairs; choose width and heads so that"
                                + " width / heads is even");
            }
            Tensor theta =
                    Creation.range(DType.FLOAT64, d / 2).times(-2 * Math.log(base) / d).exp();
            Tensor angle = positions.cast(DType.FLOAT64).expandDims(-1).times(theta); // (t, d/2)
            Tensor cos = Functions.cos(angle).cast(x.dtype());
            Tensor sin = Functions.sin(angle).cast(x.dtype());
            Tensor even = Shaping.slice(x, -1, 0, d, 2); // (.., t, d/2)
            Tensor odd = Shaping.slice(x, -1, 1, d, 2);
            Tensor first = even.times(cos).minus(odd.times(sin));
            Tensor second = even.times(sin).plus(odd.times(cos));
            return Shaping.concatenate(-1, first.expandDims(-1), second.expandDims(-1))
                    .reshape(x.shape().dims());
        }

        @Override
        public Tensor bias(Tensor scores, Tensor queries, Tensor keys) {
            return scores;
        }
    }

    /**
     * Linear biases (ALiBi): head h of H subtracts 2^(−8h/H) times the distance from the score. O.
     * Press, N. Smith, M. Lewis, "Train short, test long", ICLR 2022, section 3. We differ: the
     * distance is |i − j|, which is the paper's under a causal mask and works without one; and the
     * formula of the slopes holds for every H (the authors' program interpolates when H is not a
     * power of 2).
     */
    record Alibi() implements RelativePositions {
        @Override
        public Tensor turn(Tensor x, Tensor positions) {
            return x;
        }

        @Override
        public Tensor bias(Tensor scores, Tensor queries, Tensor keys) {
            int heads = scores.dim(1);
            Tensor distance =
                    queries.expandDims(-1).minus(keys.expandDims(0)).abs().cast(scores.dtype());
            Tensor slopes =
                    Creation.range(scores.dtype(), heads)
                            .plus(1)
                            .times(-8 * Math.log(2) / heads)
                            .exp()
                            .reshape(heads, 1, 1);
            return scores.minus(slopes.times(distance));
        }
    }
}
