package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGradAux;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Jitted;
import dev.fathom.core.transform.Transforms.ValueGrad;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Loss;
import dev.fathom.optim.Descent;
import dev.fathom.train.checkpoint.State;
import dev.fathom.train.metric.Metric;
import dev.fathom.train.mixing.Mixed;
import dev.fathom.train.mixing.Mixing;

import java.util.List;
import java.util.Optional;

/** One step as a pure function of state and batch, and the same compiled. */
final class TrainStep<M extends Layer, S> {
    private final Loss loss;
    private final Descent<S> optimizer;
    private final List<Metric> metrics;
    private final Optional<Mixing> mixing;
    private final Jitted<Input<M, S>, Output<M, S>> compiled = jitDonating(this::plain);

    /** What a step takes. */
    record Input<M, S>(State<M, S> state, Tensor features, Tensor labels) {}

    /**
     * What a step gives: besides the state, the mean loss of the batch and the sums of the metrics.
     */
    record Output<M, S>(State<M, S> state, Tensor loss, List<Tensor> totals) {}

    /** What the forward pass gives besides the loss. */
    record Forward<M>(M model, Tensor output) {}

    TrainStep(Loss loss, Descent<S> optimizer, List<Metric> metrics, Optional<Mixing> mixing) {
        this.loss = loss;
        this.optimizer = optimizer;
        this.metrics = metrics;
        this.mixing = mixing;
    }

    Output<M, S> plain(Input<M, S> in) {
        var state = in.state();
        var key = state.key().fold(state.step());
        var mixed = mixing.map(m -> m.mix(in.features(), in.labels(), key.stream("mixing")));
        Tensor features = mixed.map(Mixed::features).orElse(in.features());
        Loss mixedLoss = mixed.map(m -> m.loss(loss)).orElse(loss);
        var result =
                valueAndGradAux(
                                (M model) -> {
                                    var pass = Pass.training(key);
                                    Tensor output = model.apply(features, pass);
                                    return new WithAux<>(
                                            mixedLoss.apply(output, in.labels()),
                                            new Forward<>(pass.updated(model), output));
                                })
                        .apply(state.model());
        var forward = result.aux();
        var stepped =
                optimizer.update(
                        new ValueGrad<>(result.value(), result.gradient()),
                        new BatchObjective<>(mixedLoss, features, in.labels(), key, state.model()),
                        state.optimizer(),
                        forward.model());
        return new Output<>(
                new State<>(stepped.params(), stepped.state(), state.key(), state.step().plus(1)),
                result.value(),
                totals(forward.output(), in.labels(), mixed));
    }

    private List<Tensor> totals(Tensor output, Tensor labels, Optional<Mixed> mixed) {
        return mixed.map(m ->
                        metrics.stream()
                                .map(metric -> m.weighed(labels, l -> metric.total(output, l)))
                                .toList())
                .orElseGet(() -> Evaluator.totals(metrics, output, labels));
    }

    /** Takes over the memory of its argument. */
    Output<M, S> run(Input<M, S> in) {
        return compiled.apply(in);
    }

    /** How often the step was compiled: once for full batches, once for an odd last one. */
    int traces() {
        return compiled.traces();
    }
}
