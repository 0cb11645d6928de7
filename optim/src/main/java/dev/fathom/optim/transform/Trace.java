package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Momentum: a decaying sum of gradients.
 *
 * <pre>
 * v ← μ v + g
 * u = v            (heavy ball), or
 * u = g + μ v      (Nesterov)
 * </pre>
 *
 * B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, equation 9;
 * I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum
 * in deep learning", ICML 2013, equations 1 to 4. We differ as all libraries do: the learning rate
 * multiplies the whole sum instead of each gradient (the same while the rate is constant), and
 * Nesterov's gradient is taken at the look-ahead point, which is what is stored as the parameters.
 *
 * @param momentum μ, in [0, 1)
 * @param nesterov which of the two
 */
public record Trace(double momentum, boolean nesterov) implements GradientTransform<Trace.State> {

    /**
     * The running sum.
     *
     * @param velocity v, by path of the parameter, each of its type
     */
    public record State(Map<String, Tensor> velocity) {}

    /** Checks the momentum. */
    public Trace {
        OptimizerException.check(
                "trace", "momentum", momentum, "in [0, 1)", momentum >= 0 && momentum < 1);
    }

    @Override
    public State init(Object params) {
        return new State(Slots.zeros(params));
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        var velocity = new LinkedHashMap<String, Tensor>();
        P updates =
                Tree.mapLeaves(
                        leaf -> {
                            Tensor g = leaf.tensor();
                            if (!leaf.trained()) {
                                return g;
                            }
                            Tensor v =
                                    Slots.get("trace", state.velocity(), leaf)
                                            .times(momentum)
                                            .plus(g);
                            velocity.put(leaf.path().toString(), v);
                            return nesterov ? g.plus(v.times(momentum)) : v;
                        },
                        gradients);
        return new Updates<>(updates, new State(velocity));
    }
}
