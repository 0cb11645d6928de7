package dev.fathom.bench.tensorflow;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Constant;
import org.tensorflow.types.TFloat32;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How weights follow their gradients: TensorFlow's own kernels. The optimizers of its Java
 * framework are not used: their Adam changes the powers of the betas while some weights still read
 * them, so that its results differ from run to run.
 */
interface Rule {
    /** What a step does to these weights, all of which begin at values of their own. */
    List<Op> updates(Model model, List<Variable> weights, List<? extends Operand<TFloat32>> slopes);

    /** w ← w − rate · g. */
    static Rule descent(float rate) {
        return (model, weights, slopes) -> {
            var tf = model.tf;
            return each(
                    weights,
                    i ->
                            tf.train.resourceApplyGradientDescent(
                                    weights.get(i).handle(), tf.constant(rate), slopes.get(i)));
        };
    }

    /** a ← decay · a + g; w ← w − rate · a. */
    static Rule momentum(float rate, float decay) {
        return (model, weights, slopes) -> {
            var tf = model.tf;
            return each(
                    weights,
                    i ->
                            tf.train.resourceApplyMomentum(
                                    weights.get(i).handle(),
                                    zeros(model, weights.get(i)),
                                    tf.constant(rate),
                                    slopes.get(i),
                                    tf.constant(decay)));
        };
    }

    /** Adam; its ε stands outside the root, of moments that are not corrected yet. */
    static Rule adam(float rate) {
        return (model, weights, slopes) -> {
            var tf = model.tf;
            var beta1 = tf.constant(0.9f);
            var beta2 = tf.constant(0.999f);
            var power1 = model.variable("power1", TFloat32.scalarOf(0.9f));
            var power2 = model.variable("power2", TFloat32.scalarOf(0.999f));
            var updates =
                    each(
                            weights,
                            i ->
                                    tf.train.resourceApplyAdam(
                                            weights.get(i).handle(),
                                            zeros(model, weights.get(i)),
                                            zeros(model, weights.get(i)),
                                            power1.value(),
                                            power2.value(),
                                            tf.constant(rate),
                                            beta1,
                                            beta2,
                                            tf.constant(1e-8f),
                                            slopes.get(i)));
            var after = tf.withControlDependencies(updates);
            var all = new ArrayList<>(updates);
            all.add(product(after, power1, beta1));
            all.add(product(after, power2, beta2));
            return all;
        };
    }

    private static Op product(Ops tf, Variable power, Constant<TFloat32> beta) {
        return tf.assignVariableOp(power.handle(), tf.math.mul(power.value(), beta));
    }

    private static Operand<?> zeros(Model model, Variable weight) {
        var shape = weight.value().shape();
        var first = TFloat32.tensorOf(shape, DataBuffers.of(new float[(int) shape.size()]));
        return model.variable("moment", first).handle();
    }

    private static List<Op> each(List<Variable> weights, IntFunction<Op> update) {
        return IntStream.range(0, weights.size()).mapToObj(update).toList();
    }
}
