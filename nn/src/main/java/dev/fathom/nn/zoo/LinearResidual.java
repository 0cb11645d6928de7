package dev.fathom.nn.zoo;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.math.Creation;
import dev.fathom.core.math.Linalg;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.nn.check.Checks;
import dev.fathom.nn.init.Initializer;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;

/**
 * A chain of linear residual blocks:
 *
 * <pre>y = (I + A_L) ⋯ (I + A_2) (I + A_1) x</pre>
 *
 * <p>While all ‖A_i‖ ≤ τ < 1 (largest singular values), the loss f = ½ ‖M − B‖²_F of its matrix M
 * for a target B has no critical point but where M = B, since
 *
 * <pre>Σ_i ‖∂f/∂A_i‖²_F ≥ 2 L (1 − τ)^(2L−2) f</pre>
 *
 * <p>M. Hardt and T. Ma, "Identity matters in deep learning", ICLR 2017, theorem 2.2 and its proof.
 *
 * <p>Shapes: x and y (.., d), one example in each row: x ← x + x A_iᵀ, so that the A_i are those of
 * the formula.
 *
 * @param maps A_1 to A_L, (L, d, d)
 */
public record LinearResidual(Tensor maps) implements Layer {

    /** {@code layers} maps of {@code width} by {@code width}, zero at first: the identity. */
    public static LinearResidual of(int layers, int width) {
        return of(layers, width, Initializer.zeros(), Key.of(0));
    }

    /** The same with maps by the given law, float32. */
    public static LinearResidual of(int layers, int width, Initializer law, Key key) {
        Checks.positive("LinearResidual", "layers", layers);
        Checks.positive("LinearResidual", "width", width);
        return new LinearResidual(law.of(key, DType.FLOAT32, width, width, layers, width, width));
    }

    /** M = (I + A_L) ⋯ (I + A_1), (d, d). */
    public Tensor product() {
        check();
        Tensor rows = Creation.eye(maps.dtype(), maps.dim(1)); // the unit vectors
        return Linalg.transpose(run(rows));
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(
                this,
                () -> {
                    check();
                    Checks.dtype("LinearResidual", x, maps);
                    if (x.rank() == 0 || x.dim(-1) != maps.dim(1)) {
                        throw new ShapeException(
                                "LinearResidual: input "
                                        + x.shape()
                                        + " does not end in the "
                                        + maps.dim(1)
                                        + " numbers of the chain's maps "
                                        + maps.shape());
                    }
                    return run(x);
                });
    }

    private void check() {
        Checks.parameter("LinearResidual", "stack of maps", maps, 3, "(layers, d, d)");
        if (maps.dim(1) != maps.dim(2)) {
            throw new ShapeException(
                    "LinearResidual: maps "
                            + maps.shape()
                            + " are not square; what is added to x has its shape");
        }
    }

    private Tensor run(Tensor x) {
        Tensor y = x; // (.., d)
        for (int i = 0; i < maps.dim(0); i++) {
            y = y.plus(y.matmul(Linalg.transpose(maps.get(i))));
        }
        return y;
    }
}
