/**
 * The training loop. Two ways to the same bits: {@code fit}, with everything a run usually wants,
 * and a loop of your own.
 *
 * <p>The loop of your own needs nothing from this module; all state is in your hands:
 *
 * <pre>{@code
 * record Run(Mlp model, Chain.State optimizer, Tensor loss) {}
 * record Input(Run state, Tensor x, Tensor labels) {}
 *
 * static double train(Mlp model, Recipe optimizer, Batches batches, int epochs) {
 *     var step = jit((Input in) -> {
 *         var r = valueAndGrad((Mlp m) -> crossEntropy(m.apply(in.x(), Pass.eval()), in.labels()))
 *                 .apply(in.state().model());
 *         var s = optimizer.update(r.gradient(), in.state().optimizer(), in.state().model());
 *         return new Run(s.params(), s.state(), r.value());
 *     });
 *     var state = new Run(model, optimizer.init(model), Tensor.scalar(0f));
 *     for (int epoch = 0; epoch < epochs; epoch++) {
 *         for (var batch : batches.epoch(epoch)) {
 *             state = step.apply(new Input(state, batch.features(), batch.labels()));
 *         }
 *     }
 *     return state.loss().item();
 * }
 * }</pre>
 *
 * <p>The same with {@link dev.fathom.train.loop.Trainer}, which adds random keys, running
 * statistics, metrics, validation, the best model, listeners and checkpoints:
 *
 * <pre>{@code
 * var fit = Trainer.of(model, Losses.crossEntropy(), Adam.of(1e-3))
 *         .metrics(Metrics.accuracy())
 *         .listeners(ProgressBar.to(out), EarlyStopping.of(5), CheckpointListener.to(folder))
 *         .fit(train.batches(128).shuffled(42), epochs(10), validation);
 * var model = fit.best();
 * }</pre>
 *
 * <p>One step is one compiled function from {@link dev.fathom.train.checkpoint.State} to state that
 * takes its argument's memory over. The model given to {@code Trainer.of} is copied before and
 * stays usable.
 */
@NullMarked
package dev.fathom.train.loop;

import org.jspecify.annotations.NullMarked;
