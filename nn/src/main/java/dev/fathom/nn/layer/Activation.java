package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;

import java.util.Locale;

/** The elementwise nonlinearities, as layers: shape and dtype stay. */
public enum Activation implements Layer {
    /**
     * max(x, 0), derivative 0 at 0. V. Nair and G. Hinton, "Rectified linear units improve
     * restricted Boltzmann machines", ICML 2010.
     */
    RELU {
        @Override
        public Tensor of(Tensor x) {
            return Functions.relu(x);
        }
    },
    /**
     * x for x > 0, else 0.01 x. A. Maas, A. Hannun, A. Ng, "Rectifier nonlinearities", ICML 2013.
     */
    LEAKY_RELU {
        @Override
        public Tensor of(Tensor x) {
            return Functions.where(positive(x), x, x.times(0.01));
        }
    },
    /**
     * x for x > 0, else e^x − 1. D.-A. Clevert, T. Unterthiner, S. Hochreiter, ICLR 2016, equation
     * 15, α = 1.
     */
    ELU {
        @Override
        public Tensor of(Tensor x) {
            Tensor p = positive(x);
            Tensor below = Functions.where(p, zeros(x), x); // where x > 0, e^x could overflow
            return Functions.where(p, x, Functions.expm1(below));
        }
    },
    /**
     * x Φ(x) = x (1 + erf(x/√2)) / 2, the exact form. D. Hendrycks and K. Gimpel, "Gaussian error
     * linear units", 2016.
     */
    GELU {
        @Override
        public Tensor of(Tensor x) {
            return x.times(0.5).times(Functions.erf(x.times(Math.sqrt(0.5))).plus(1));
        }
    },
    /**
     * x / (1 + e^(−x)), also called swish. S. Elfwing, E. Uchibe, K. Doya, Neural Networks 107,
     * 2018.
     */
    SILU {
        @Override
        public Tensor of(Tensor x) {
            return x.times(Functions.sigmoid(x));
        }
    },
    /**
     * ln(1 + e^x), without overflow; the derivative is the sigmoid everywhere. C. Dugas et al.,
     * NIPS 2000.
     */
    SOFTPLUS {
        @Override
        public Tensor of(Tensor x) {
            return Functions.softplus(x);
        }
    },
    /** (e^x − e^(−x)) / (e^x + e^(−x)). */
    TANH {
        @Override
        public Tensor of(Tensor x) {
            return x.tanh();
        }
    },
    /** 1 / (1 + e^(−x)). */
    SIGMOID {
        @Override
        public Tensor of(Tensor x) {
            return Functions.sigmoid(x);
        }
    };

    /** The function itself, outside a network. */
    public abstract Tensor of(Tensor x);

    @Override
    public Tensor apply(Tensor x, Pass pass) {
        return pass.in(this, () -> of(x));
    }

    /** The name in lower case, such as {@code leaky_relu}. */
    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static Tensor positive(Tensor x) {
        return x.greaterThan(zeros(x));
    }

    private static Tensor zeros(Tensor x) {
        return Ops.zeros(x.type());
    }
}
