package dev.fathom.nn.layer;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;

import java.util.Locale;

/**
 * The nonlinearities without parameters, as layers: shape and dtype stay. All are elementwise but
 * the last two, which work along the last axis. All are stable for inputs of any size.
 */
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
     * x for x > 0, else 0.01 x; another slope: {@link LeakyRelu}. A. Maas, A. Hannun, A. Ng,
     * "Rectifier nonlinearities", ICML 2013.
     */
    LEAKY_RELU {
        @Override
        public Tensor of(Tensor x) {
            return leaky(x, 0.01);
        }
    },
    /**
     * x for x > 0, else e^x − 1. D.-A. Clevert, T. Unterthiner, S. Hochreiter, ICLR 2016, equation
     * 15, α = 1; another α: {@link Elu}.
     */
    ELU {
        @Override
        public Tensor of(Tensor x) {
            return elu(x, 1);
        }
    },
    /**
     * λ x for x > 0, else λ α (e^x − 1). For z ~ N(0, 1) the output has mean 0 and variance 1
     * again, and that pair is a stable fixed point for layers with weights of {@link
     * dev.fathom.nn.init.Initializer#leCunNormal}: G. Klambauer, T. Unterthiner, A. Mayr, S.
     * Hochreiter, "Self-normalizing neural networks", NIPS 2017, equation 2. The constants solve
     *
     * <pre>1/√(2π) + α (√e Φ(−1) − ½) = 0
     * λ² (½ + α² (e² Φ(−2) − 2 √e Φ(−1) + ½)) = 1</pre>
     */
    SELU {
        @Override
        public Tensor of(Tensor x) {
            return elu(x, 1.6732632423543772).times(1.0507009873554805);
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
     * ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximation that GPT-2 and others were
     * trained with, within 5·10⁻⁴ of {@link #GELU}: Hendrycks and Gimpel, section 2.
     */
    GELU_TANH {
        @Override
        public Tensor of(Tensor x) {
            Tensor near = Functions.clip(x, -10, 10); // beyond, the tanh is ±1 to the last bit
            Tensor cubic = near.plus(near.times(near.square()).times(0.044715));
            return x.times(0.5).times(cubic.times(Math.sqrt(2 / Math.PI)).tanh().plus(1));
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
    },
    /**
     * x/6 + ½ held in [0, 1], derivative 0 where it is held and 1/6 at ±3: the form of A. Howard et
     * al., "Searching for MobileNetV3", ICCV 2019. M. Courbariaux et al., 2015, have x/2 + ½.
     */
    HARD_SIGMOID {
        @Override
        public Tensor of(Tensor x) {
            return Functions.clip(x.dividedBy(6).plus(0.5), 0, 1);
        }
    },
    /** x held in [−1, 1]. R. Collobert, "Large scale machine learning", 2004. */
    HARD_TANH {
        @Override
        public Tensor of(Tensor x) {
            return Functions.clip(x, -1, 1);
        }
    },
    /** x times {@link #HARD_SIGMOID}: Howard et al. 2019, section 5.2. */
    HARD_SWISH {
        @Override
        public Tensor of(Tensor x) {
            return x.times(HARD_SIGMOID.of(x));
        }
    },
    /**
     * e^x_i / Σ_j e^x_j along the last axis. Not before a loss of {@code Losses}, which take
     * logits.
     */
    SOFTMAX {
        @Override
        public Tensor of(Tensor x) {
            return Functions.softmax(x, -1);
        }
    },
    /** x_i − ln Σ_j e^x_j along the last axis. */
    LOG_SOFTMAX {
        @Override
        public Tensor of(Tensor x) {
            return Functions.logSoftmax(x, -1);
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

    static Tensor leaky(Tensor x, double slope) {
        return Functions.where(positive(x), x, x.times(slope));
    }

    static Tensor elu(Tensor x, double alpha) {
        Tensor p = positive(x);
        Tensor below = Functions.where(p, zeros(x), x); // where x > 0, e^x could overflow
        return Functions.where(p, x, Functions.expm1(below).times(alpha));
    }

    static Tensor positive(Tensor x) {
        return x.greaterThan(zeros(x));
    }

    private static Tensor zeros(Tensor x) {
        return Ops.zeros(x.type());
    }
}
