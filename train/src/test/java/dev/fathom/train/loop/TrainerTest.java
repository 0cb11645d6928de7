package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.train.loop.Limit.epochs;
import static dev.fathom.train.loop.Limit.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.dataset.Dataset;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.Sgd;
import dev.fathom.optim.transform.Chain;
import dev.fathom.train.checkpoint.State;
import dev.fathom.train.error.NonFiniteLossException;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.history.Monitor;
import dev.fathom.train.metric.Metrics;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

class TrainerTest {
    private static final Dataset TRAIN = Toy.clouds(50, 1);
    private static final Dataset TEST = Toy.clouds(31, 2);

    private static Trainer<Toy.Net, ?> trainer() {
        return Trainer.of(Toy.Net.of(7), Losses.crossEntropy(), Adam.of(0.03))
                .metrics(Metrics.accuracy())
                .seed(3);
    }

    @Test
    void learnsAndGivesTheSameBitsAgain() {
        var trainer = trainer();
        var before = Toy.bits(trainer.model());
        var batches = TRAIN.batches(16).shuffled(5);
        var fit = trainer.fit(batches, epochs(12), TEST);

        assertThat(Toy.bits(trainer.model()))
                .as("the model given stays as it was")
                .isEqualTo(before);
        assertThat(fit.history()).hasSize(12);
        assertThat(fit.steps()).isEqualTo(12 * 4);
        assertThat(fit.stopped()).isEmpty();
        var last = fit.history().getLast();
        assertThat(last.step()).isEqualTo(48);
        assertThat(last.examples()).isEqualTo(50);
        assertThat(last.train().keySet()).containsExactly("loss", "accuracy");
        assertThat(last.validation().get("accuracy")).isGreaterThan(0.8);
        assertThat(last.train().get("loss"))
                .isLessThan(fit.history().getFirst().train().get("loss"));

        var again = trainer.fit(batches.prefetch(2), epochs(12), TEST);
        assertThat(Toy.bits(again.model())).isEqualTo(Toy.bits(fit.model()));
        assertThat(again.history().stream().map(EpochRecord::untimed))
                .isEqualTo(fit.history().stream().map(EpochRecord::untimed).toList());
        assertThat(Toy.bits(trainer.seed(4).fit(batches, epochs(1)).model()))
                .as("another seed, other masks")
                .isNotEqualTo(Toy.bits(trainer.fit(batches, epochs(1)).model()));
    }

    @Test
    void aStepIsGradientDescentWrittenOut() {
        var model = Dense.of(4, 3, Key.of(1));
        var batches = TRAIN.batches(16).shuffled(5);
        var fit = Trainer.of(model, Losses.crossEntropy(), Sgd.of(0.1)).fit(batches, steps(6));

        var hand = model;
        for (int i = 0; i < 6; i++) {
            var batch = batches.batch(i / 4, i % 4);
            var g =
                    grad((Dense m) ->
                                    Losses.crossEntropy(
                                            m.apply(batch.features(), Pass.eval()), batch.labels()))
                            .apply(hand);
            hand = Tree.minus(hand, Tree.times(g, 0.1));
        }
        assertThat(fit.steps()).isEqualTo(6);
        assertThat(fit.model().weight().toFloats())
                .containsExactly(hand.weight().toFloats(), within(1e-6f));
        assertThat(fit.model().bias().orElseThrow().toFloats())
                .containsExactly(hand.bias().orElseThrow().toFloats(), within(1e-6f));
    }

    @Test
    void runningStatisticsMoveAndAreNotTrained() {
        var fit = trainer().fit(TRAIN.batches(50), steps(1));
        // one step of momentum 0.9 from mean 0: a tenth of the batch's mean, which the first layer
        // alone decides
        var model = trainer().model();
        Tensor hidden = model.hidden().apply(TRAIN.all().features(), Pass.eval());
        assertThat(fit.model().norm().mean().value().toFloats())
                .containsExactly(hidden.mean(0).times(0.1).toFloats(), within(1e-6f));
    }

    @Test
    void evaluationIsExactOverTheWholeSetHoweverItIsCut() {
        var model = Toy.Net.of(7);
        var evaluator =
                Evaluator.<Toy.Net>of(Losses.crossEntropy(), Metrics.accuracy(), Metrics.topK(2));
        var whole = evaluator.evaluate(model, TEST.batches(31));
        int right = 0;
        var classes = Predictor.of(model).classes(TEST);
        for (int i = 0; i < 31; i++) {
            right += classes[i] == TEST.labels()[i] ? 1 : 0;
        }
        assertThat(whole.examples()).isEqualTo(31);
        assertThat(whole.value("accuracy")).isEqualTo(right / 31.0);
        for (int size : new int[] {1, 7, 10, 30}) {
            var cut = evaluator.evaluate(model, TEST.batches(size));
            assertThat(cut.loss()).isEqualTo(whole.loss(), within(1e-6));
            assertThat(cut.value("accuracy")).isEqualTo(whole.value("accuracy"));
            assertThat(cut.value("top2")).isEqualTo(whole.value("top2"));
        }
        assertThatThrownBy(() -> whole.value("f1"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("[loss, accuracy, top2]");
    }

    @Test
    void thePredictorRunsTheModelInEvaluation() {
        var model = Toy.Net.of(7);
        var outputs = Predictor.of(model).outputs(TEST.batches(8));
        Tensor direct = model.apply(TEST.all().features(), Pass.eval());
        assertThat(outputs.shape()).isEqualTo(Shape.of(31, 3));
        assertThat(outputs.toFloats()).containsExactly(direct.toFloats(), within(1e-6f));
    }

    @Test
    void theBestModelIsThatOfTheBestEpoch() {
        var seen = new ArrayList<List<String>>();
        Listener keep =
                new Listener() {
                    @Override
                    public void epochEnded(Training training, EpochRecord epoch) {
                        seen.add(Toy.bits(training.checkpoint().state().model()));
                    }
                };
        var fit = trainer().listeners(keep).fit(TRAIN.batches(16).shuffled(1), epochs(8), TEST);
        var best = Monitor.loss().best(fit.history());
        var byAccuracy = new Monitor("accuracy", true, 0).best(fit.history()).orElseThrow();
        assertThat(fit.bestEpoch()).as("the first metric decides").isEqualTo(byAccuracy.epoch());
        assertThat(Toy.bits(fit.best())).isEqualTo(seen.get(fit.bestEpoch() - 1));

        var byLoss =
                trainer()
                        .monitor(Monitor.loss())
                        .fit(TRAIN.batches(16).shuffled(1), epochs(8), TEST);
        assertThat(byLoss.bestEpoch()).isEqualTo(best.orElseThrow().epoch());
        assertThat(Toy.bits(byLoss.best())).isEqualTo(seen.get(byLoss.bestEpoch() - 1));
    }

    @Test
    void aLimitInStepsEndsWithinAnEpoch() {
        var fit = trainer().fit(TRAIN.batches(16), steps(6), TEST);
        assertThat(fit.steps()).isEqualTo(6);
        assertThat(fit.history()).extracting(EpochRecord::step).containsExactly(4L, 6L);
        assertThat(fit.history()).extracting(EpochRecord::examples).containsExactly(50L, 32L);
        assertThat(trainer().fit(TRAIN.batches(16), steps(0)).history()).isEmpty();
        assertThat(trainer().fit(TRAIN.batches(16), epochs(0)).bestEpoch()).isZero();
    }

    @Test
    void aListenerEndsTheRun() {
        Listener stop =
                new Listener() {
                    @Override
                    public void batchEnded(Training training, BatchResult result) {
                        if (result.step() == 5) {
                            training.stop("enough");
                            training.stop("more than enough");
                        }
                    }
                };
        var fit = trainer().listeners(stop).fit(TRAIN.batches(16), epochs(9));
        assertThat(fit.steps()).isEqualTo(5);
        assertThat(fit.stopped()).contains("enough");
        assertThat(fit.history()).hasSize(2);
    }

    @Test
    void listenersAreToldInOrder() {
        var events = new ArrayList<String>();
        Listener note =
                new Listener() {
                    @Override
                    public void fitStarted(Training t) {
                        events.add(
                                "fit "
                                        + t.epochs()
                                        + " "
                                        + t.batches()
                                        + " "
                                        + t.steps()
                                        + " "
                                        + t.examples());
                    }

                    @Override
                    public void epochStarted(Training t) {
                        events.add("epoch " + t.epoch());
                    }

                    @Override
                    public void batchEnded(Training t, BatchResult r) {
                        events.add(
                                "batch " + r.batch() + " of " + r.size() + ", " + r.step() + "="
                                        + t.step());
                    }

                    @Override
                    public void epochEnded(Training t, EpochRecord e) {
                        events.add(
                                "ended " + t.epoch() + "=" + e.epoch() + ", " + t.history().size());
                    }

                    @Override
                    public void fitEnded(Training t) {
                        events.add("end " + t.step());
                    }
                };
        trainer().listeners(note).fit(TRAIN.batches(30), epochs(2));
        assertThat(events)
                .containsExactly(
                        "fit 2 2 4 50",
                        "epoch 1",
                        "batch 1 of 30, 1=1",
                        "batch 2 of 20, 2=2",
                        "ended 1=1, 1",
                        "epoch 2",
                        "batch 1 of 30, 3=3",
                        "batch 2 of 20, 4=4",
                        "ended 2=2, 2",
                        "end 4");
    }

    @Test
    void theStepIsCompiledOncePerBatchSize() {
        var step =
                new TrainStep<Toy.Net, Chain.State>(
                        Losses.crossEntropy(), Adam.of(0.01), List.of(), Optional.empty());
        var state =
                State.initial(Toy.Net.of(1), Adam.of(0.01).init(Toy.Net.of(1)), Key.of(2)).copy();
        for (int epoch = 0; epoch < 3; epoch++) {
            for (var batch : TRAIN.batches(16).epoch(epoch)) {
                state =
                        step.run(new TrainStep.Input<>(state, batch.features(), batch.labels()))
                                .state();
            }
        }
        assertThat(step.traces()).isEqualTo(2);
        assertThat(state.step().toInts()).containsExactly(12);
    }

    @Test
    void namesOfMetricsMustDiffer() {
        assertThatThrownBy(() -> trainer().metrics(Metrics.accuracy(), Metrics.accuracy()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("accuracy");
    }

    /** √w x, where gradient descent drives w below zero. */
    public record Root(Tensor w) implements Layer {
        @Override
        public Tensor apply(Tensor x, Pass pass) {
            return pass.in(this, () -> w.sqrt().times(x));
        }
    }

    @Test
    void aLossThatIsNoNumberNamesStepOperationAndLayer() {
        // the loss (√w + 3)² falls with w all the way down to 0, and over it
        var data =
                Dataset.ofFloats(
                        new float[] {1, 1, 1, 1}, Shape.of(1), new float[] {-3, -3, -3, -3}, 1);
        var trainer =
                Trainer.of(new Root(Tensor.of(new float[] {1.5f})), Losses.mse(), Sgd.of(0.05));
        assertThatThrownBy(() -> trainer.fit(data.batches(2), epochs(200)))
                .isInstanceOf(NonFiniteLossException.class)
                .hasMessageContaining("the loss became NaN at step")
                .hasMessageContaining("It began in step")
                .hasMessageContaining("sqrt")
                .hasMessageContaining("layer Root")
                .hasMessageContaining("learning rate");
    }

    @Test
    void dataThatIsNoNumberIsBlamed() {
        var features = new float[40];
        features[33] = Float.NaN;
        var data = Dataset.ofFloats(features, Shape.of(4), new int[10]);
        assertThatThrownBy(() ->
                        Trainer.of(Dense.of(4, 3, Key.of(1)), Losses.crossEntropy(), Sgd.of(0.1))
                                .fit(data.batches(3), epochs(1)))
                .isInstanceOf(NonFiniteLossException.class)
                .hasMessageContaining("at step 3 (epoch 1, batch 3 of 4)")
                .hasMessageContaining("the batch itself contains NaN");
    }

    @Test
    void tooLargeALearningRateIsFoundWhereItBegan() {
        var trainer = Trainer.of(Toy.Net.of(1), Losses.mse(), Sgd.of(1e30));
        var data = Dataset.ofFloats(new float[400], Shape.of(4), filled(300), 3);
        assertThatThrownBy(() -> trainer.fit(data.batches(10), epochs(5)))
                .isInstanceOf(NonFiniteLossException.class)
                .hasMessageContaining("It began in step")
                .satisfies(e -> assertThat(((NonFiniteLossException) e).step()).isBetween(1L, 10L));
    }

    private static float[] filled(int n) {
        var values = new float[n];
        Arrays.fill(values, 1);
        return values;
    }
}
