package dev.fathom.nn.layer;

import dev.fathom.core.error.Layers;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Ops;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;
import dev.fathom.core.tree.Tree;
import dev.fathom.nn.error.LayerException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One run of a model: whether it trains, its random numbers, and the running statistics it
 * collects.
 *
 * <p>A model is an immutable value, so a layer cannot change its running mean. It tells the pass,
 * and {@link #updated} gives the model with the new statistics:
 *
 * <pre>{@code
 * var step = valueAndGradAux((Net m) -> {
 *     var pass = Pass.training(key);
 *     Tensor loss = crossEntropy(m.apply(x, pass), labels);
 *     return new WithAux<>(loss, pass.updated(m));        // the same parameters, new statistics
 * }).apply(model);
 * }</pre>
 *
 * <p>Make one for every run, in the same transform in which the model is applied; it is not for
 * several threads.
 */
public final class Pass {
    private final boolean training;
    private final Optional<Key> key;
    private final Map<Tensor, Tensor> updates = new IdentityHashMap<>();
    private final Deque<String> places = new ArrayDeque<>();
    private final Observer observer;
    private @Nullable Layer announced;
    private int keys;
    private int seen;

    /** Sees every layer when it has run. */
    @FunctionalInterface
    interface Observer {
        void saw(String place, Layer layer, Tensor output);
    }

    private final Tap tap;

    /**
     * Sees every affine map y = a W + b of a run, convolutions included, and may put another tensor
     * in place of y: one that depends on something else as well, to differentiate in it.
     */
    @FunctionalInterface
    public interface Tap {
        /**
         * What the layer is to give instead of {@code y}.
         *
         * @param weight W, the very tensor of the model, (.., out)
         * @param bias b, the very tensor of the model, (out)
         * @param inputs a, (.., in) with W of in · out elements, made only when asked for
         * @param y (.., out)
         */
        Tensor affine(Tensor weight, Optional<Tensor> bias, Supplier<Tensor> inputs, Tensor y);
    }

    private Pass(boolean training, Optional<Key> key, Observer observer, Tap tap) {
        this.training = training;
        this.key = key;
        this.observer = observer;
        this.tap = tap;
    }

    /** A run that uses the model as it is: no dropout, running statistics used and left alone. */
    public static Pass eval() {
        return observed((_, _, _) -> {});
    }

    /** A run that trains: random layers draw from {@code key}, statistics come from the batch. */
    public static Pass training(Key key) {
        return training(key, (_, _, _, y) -> y);
    }

    /** A run that trains, whose affine maps {@code tap} sees. */
    public static Pass training(Key key, Tap tap) {
        return new Pass(true, Optional.of(key), (_, _, _) -> {}, tap);
    }

    static Pass observed(Observer observer) {
        return new Pass(false, Optional.empty(), observer, (_, _, _, y) -> y);
    }

    /** Every layer that computes y = a W + b hands it on through here; see {@link Tap}. */
    public Tensor affine(Tensor weight, Optional<Tensor> bias, Supplier<Tensor> inputs, Tensor y) {
        return tap.affine(weight, bias, inputs, y);
    }

    /** Whether this run trains. */
    public boolean training() {
        return training;
    }

    /**
     * A key that no other call in this pass gets.
     *
     * @throws LayerException in an evaluating pass, which has no randomness
     */
    public Key key() {
        return key.orElseThrow(() ->
                        new LayerException(
                                "Pass.eval() has no random numbers; ask pass.training() first, or"
                                        + " run the model with Pass.training(key)"))
                .fold(keys++);
    }

    /** The value a statistic has now: what this pass was last told, or the one in the model. */
    public Tensor current(Tensor statistic) {
        return updates.getOrDefault(statistic, statistic);
    }

    /**
     * Notes the new value of a statistic. Derivatives do not run through it.
     *
     * @param statistic the very tensor inside the model's {@link Statistic}
     */
    public void update(Tensor statistic, Tensor value) {
        if (!statistic.type().equals(value.type())) {
            throw new ShapeException(
                    "Pass.update: a statistic of type "
                            + statistic.type()
                            + " cannot become "
                            + value.type());
        }
        updates.put(statistic, Ops.stopGradient(value));
    }

    /**
     * {@code model} with the statistics this pass collected.
     *
     * @throws LayerException if some of them belong to no {@link Statistic} of {@code model}
     */
    public <T> T updated(T model) {
        if (updates.isEmpty()) {
            return model;
        }
        var left = new IdentityHashMap<>(updates);
        T result =
                Tree.mapLeaves(
                        leaf -> {
                            left.remove(leaf.tensor());
                            return leaf.trained() ? leaf.tensor() : current(leaf.tensor());
                        },
                        model);
        if (!left.isEmpty()) {
            throw new LayerException(
                    "Pass.updated: "
                            + left.size()
                            + " running statistics of this pass do not belong to the model given;"
                            + " pass the model that was applied, and inside the same transform");
        }
        return result;
    }

    /**
     * Runs the body of {@code layer}: its name appears in messages from inside, and summaries list
     * it. Every layer of this library does so; your own may.
     */
    public Tensor in(Layer layer, Supplier<Tensor> body) {
        boolean named = announced == layer;
        announced = null;
        Tensor y = named ? body.get() : Layers.in(layer.label(), body);
        see(layer, y);
        return y;
    }

    /**
     * Runs {@code child}, which stands at {@code place} of a container, such as {@code layers[2]}.
     */
    public Tensor child(String place, Layer child, Tensor x) {
        return child(place, child, () -> child.apply(x, this));
    }

    /** The same for a child that is run in its own way, as attention to another sequence. */
    public Tensor child(String place, Layer child, Supplier<Tensor> body) {
        places.addLast(place);
        try {
            int before = seen;
            Tensor y =
                    Layers.in(
                            place + " " + child.label(),
                            () -> {
                                announced = child;
                                return body.get();
                            });
            if (seen == before) {
                see(child, y);
            }
            return y;
        } finally {
            announced = null;
            places.removeLast();
        }
    }

    private void see(Layer layer, Tensor output) {
        seen++;
        observer.saw(String.join(".", places), layer, output);
    }
}
