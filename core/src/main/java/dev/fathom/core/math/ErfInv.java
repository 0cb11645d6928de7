package dev.fathom.core.math;

import dev.fathom.core.graph.Recorder;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.DerivativeRule;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;

import java.util.List;

/**
 * The inverse error function: M. Giles, "Approximating the erfinv function", GPU Computing Gems
 * Jade Edition (2011), single-precision coefficients, refined by Newton's method on erf(x) = y in
 * the dtype's own precision.
 */
final class ErfInv {
    private static final double[] CENTRAL = {
        2.81022636e-08,
        3.43273939e-07,
        -3.5233877e-06,
        -4.39150654e-06,
        0.00021858087,
        -0.00125372503,
        -0.00417768164,
        0.246640727,
        1.50140941
    };
    private static final double[] TAIL = {
        -0.000200214257,
        0.000100950558,
        0.00134934322,
        -0.00367342844,
        0.00573950773,
        -0.0076224613,
        0.00943887047,
        1.00167406,
        2.83297682
    };

    private static final DerivativeRule.Forward RULE =
            (_, x, dy) ->
                    List.of(
                            dy.getFirst()
                                    .times(
                                            x.getFirst()
                                                    .square()
                                                    .exp()
                                                    .times(Math.sqrt(Math.PI) / 2)));

    private ErfInv() {}

    /** With its derivative √π/2 e^(x²) stated, since the steps that find x have others. */
    static Tensor apply(Tensor y) {
        var program =
                Recorder.record(List.of(y.type()), v -> List.of(search(v.getFirst()))).graph();
        return Ops.bindAll(new Control.WithRule("erfInv", program, RULE), List.of(y)).getFirst();
    }

    private static Tensor search(Tensor y) {
        // −ln(1 − y²)
        Tensor w = Functions.log1p(y.negate()).plus(Functions.log1p(y)).negate();
        Tensor central = horner(w.minus(2.5), CENTRAL);
        Tensor tail = horner(w.sqrt().minus(3), TAIL);
        Tensor x = Functions.where(w.lessThan(Ops.full(w.type(), 5)), central, tail).times(y);
        return newton(newton(x, y), y);
    }

    private static Tensor horner(Tensor x, double[] coefficients) {
        Tensor p = Ops.full(x.type(), coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            p = p.times(x).plus(coefficients[i]);
        }
        return p;
    }

    private static Tensor newton(Tensor x, Tensor y) {
        Tensor slope = x.square().negate().exp().times(2 / Math.sqrt(Math.PI));
        return x.minus(Functions.erf(x).minus(y).dividedBy(slope));
    }
}
