package dev.fathom.optim.recipe;

import static dev.fathom.optim.transform.GradientTransform.addDecayedWeights;
import static dev.fathom.optim.transform.GradientTransform.chain;
import static dev.fathom.optim.transform.GradientTransform.clipByGlobalNorm;
import static dev.fathom.optim.transform.GradientTransform.scale;
import static dev.fathom.optim.transform.GradientTransform.scaleByAdam;
import static dev.fathom.optim.transform.GradientTransform.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.tree.Statistic;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.optim.transform.Accumulate;
import dev.fathom.optim.transform.Grouped;
import dev.fathom.optim.transform.Leaves;
import dev.fathom.optim.transform.LossScaling;
import dev.fathom.optim.transform.SkipNonFinite;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** One row for each optimizer; everything an optimizer promises is checked from the row. */
class OptimizerTableTest {
    /**
     * An optimizer, the same rule as a plain loop, and what it needs to reach the bottom of a bowl.
     */
    record Row(String name, Optimizer<?> optimizer, Supplier<PlainLoops.Rule> rule, int steps) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows() {
        var decaying = Schedule.exponential(0.05, 0.5, 100);
        return Stream.of(
                new Row("sgd", Sgd.of(0.02), () -> PlainLoops.sgd(_ -> 0.02), 600),
                new Row(
                        "sgd with a schedule",
                        Sgd.of(Schedule.exponential(0.05, 0.5, 100)),
                        () -> PlainLoops.sgd(t -> 0.05 * Math.pow(0.5, t / 100.0)),
                        300),
                new Row(
                        "momentum",
                        Momentum.of(0.01),
                        () -> PlainLoops.momentum(0.01, 0.9, false),
                        300),
                new Row(
                        "nesterov",
                        Nesterov.of(0.01).withMomentum(0.8),
                        () -> PlainLoops.momentum(0.01, 0.8, true),
                        300),
                new Row(
                        "adam",
                        Adam.of(0.1),
                        () -> PlainLoops.adam(_ -> 0.1, 0.9, 0.999, 1e-8, 0),
                        400),
                new Row(
                        "adam with a schedule, betas and epsilon",
                        Adam.of(decaying).withBetas(0.8, 0.99).withEpsilon(1e-3),
                        () ->
                                PlainLoops.adam(
                                        t -> 0.05 * Math.pow(0.5, t / 100.0), 0.8, 0.99, 1e-3, 0),
                        400),
                new Row(
                        "adamw",
                        AdamW.of(0.1).withWeightDecay(0),
                        () -> PlainLoops.adam(_ -> 0.1, 0.9, 0.999, 1e-8, 0),
                        400),
                new Row(
                        "clipped momentum",
                        Momentum.of(0.01).clipped(1.0),
                        () -> PlainLoops.clipped(1, PlainLoops.momentum(0.01, 0.9, false)),
                        600),
                new Row(
                        "a chain of pieces",
                        Optimizer.of(chain(clipByGlobalNorm(5), trace(0.5, false), scale(-0.02))),
                        () -> PlainLoops.clipped(5, PlainLoops.momentum(0.02, 0.5, false)),
                        500));
    }

    /** The family after AdaGrad; their bottoms are checked with what suits each. */
    static Stream<Row> more() {
        var falling = Schedule.exponential(0.1, 0.5, 60);
        IntToDoubleFunction fall = t -> 0.1 * Math.pow(0.5, t / 60.0);
        return Stream.of(
                new Row("adagrad", AdaGrad.of(0.5), () -> PlainLoops.adaGrad(0.5, 1e-10), 600),
                new Row(
                        "rmsprop",
                        RmsProp.of(falling),
                        () -> PlainLoops.rmsProp(fall, 0.9, 1e-8, false, 0),
                        800),
                new Row(
                        "rmsprop, centred, with momentum",
                        RmsProp.of(0.01).withDecay(0.9).withCentred(true).withMomentum(0.5),
                        () -> PlainLoops.rmsProp(_ -> 0.01, 0.9, 1e-8, true, 0.5),
                        0),
                new Row(
                        "adadelta",
                        AdaDelta.of(Schedule.exponential(1, 0.5, 400)),
                        () -> PlainLoops.adaDelta(t -> Math.pow(0.5, t / 400.0), 0.95, 1e-6),
                        4000),
                new Row(
                        "adamax",
                        AdaMax.of(0.1),
                        () -> PlainLoops.adaMax(0.1, 0.9, 0.999, 1e-8),
                        600),
                new Row("nadam", Nadam.of(0.1), () -> PlainLoops.nadam(0.1, 0.9, 0.999, 1e-8), 400),
                new Row(
                        "amsgrad",
                        AmsGrad.of(0.05),
                        () -> PlainLoops.amsGrad(0.05, 0.9, 0.999, 1e-8),
                        800),
                new Row(
                        "momentum as printed",
                        MomentumAsPrinted.of(Schedule.exponential(0.02, 0.5, 100)),
                        () ->
                                PlainLoops.momentumAsPrinted(
                                        t -> 0.02 * Math.pow(0.5, t / 100.0), 0.9),
                        500),
                new Row(
                        "adam as printed, while it lasts",
                        AdamAsPrinted.of(0.1),
                        () -> PlainLoops.adamAsPrinted(0.1, 0.9, 0.999, 1e-8),
                        0),
                new Row(
                        "lion",
                        Lion.of(Schedule.exponential(0.05, 0.5, 60)),
                        () -> PlainLoops.lion(t -> 0.05 * Math.pow(0.5, t / 60.0), 0.9, 0.99, 0),
                        900),
                new Row(
                        "lion with decay",
                        Lion.of(0.01).withWeightDecay(0.3),
                        () -> PlainLoops.lion(_ -> 0.01, 0.9, 0.99, 0.3),
                        0),
                new Row(
                        "lamb",
                        Lamb.of(Schedule.exponential(0.1, 0.5, 60)).withWeightDecay(0.1),
                        () ->
                                PlainLoops.lamb(
                                        t -> 0.1 * Math.pow(0.5, t / 60.0), 0.9, 0.999, 1e-6, 0.1),
                        0),
                new Row(
                        "adafactor",
                        Adafactor.of(),
                        () -> PlainLoops.adafactor(t -> Math.min(0.01, 1 / Math.sqrt(t + 1))),
                        0),
                new Row(
                        "lookahead",
                        Lookahead.of(Momentum.of(0.01)),
                        () -> PlainLoops.lookahead(PlainLoops.momentum(0.01, 0.9, false), 5, 0.5),
                        500),
                new Row(
                        "accumulated momentum",
                        Optimizer.of(new Accumulate<>(4, Momentum.of(0.01).transform())),
                        () -> PlainLoops.accumulated(4, PlainLoops.momentum(0.01, 0.9, false)),
                        1600),
                new Row(
                        "momentum that skips",
                        Optimizer.of(new SkipNonFinite<>(Momentum.of(0.01).transform())),
                        () -> PlainLoops.momentum(0.01, 0.9, false),
                        300),
                new Row(
                        "momentum of a loss scaled by 4",
                        scaledBy4(new LossScaling<>(Momentum.of(0.01).transform(), 4, 100_000)),
                        () -> PlainLoops.momentum(0.01, 0.9, false),
                        300),
                new Row(
                        "a partition",
                        Optimizer.of(
                                new Grouped(
                                        List.of(
                                                new Grouped.Group(
                                                        Leaves.matching("nothing.*"), scale(3)),
                                                new Grouped.Group(
                                                        Leaves.matching("weights[*]"),
                                                        Momentum.of(0.01).transform())))),
                        () -> PlainLoops.momentum(0.01, 0.9, false),
                        300));
    }

    /**
     * The gradients a table gives are of the loss; those of the scaled loss are four times these.
     */
    private static Optimizer<?> scaledBy4(LossScaling<?> scaling) {
        return Optimizer.of(chain(scale(4), scaling));
    }

    static Stream<Row> rowsWithDecay() {
        return Stream.concat(
                Stream.concat(rows(), more()),
                Stream.of(
                        new Row(
                                "adamw with decay",
                                AdamW.of(0.1).withWeightDecay(0.3),
                                () -> PlainLoops.adam(_ -> 0.1, 0.9, 0.999, 1e-8, 0.3),
                                0),
                        new Row(
                                "adamw from pieces",
                                Optimizer.of(
                                        chain(
                                                scaleByAdam(0.9, 0.999, 1e-8),
                                                addDecayedWeights(0.3),
                                                scale(-0.1))),
                                () -> PlainLoops.adam(_ -> 0.1, 0.9, 0.999, 1e-8, 0.3),
                                0)));
    }

    private static Model model(double x, double y) {
        return new Model(
                Map.of("xy", Tensor.of(new double[] {x, y})),
                new Statistic(Tensor.of(new double[] {7})),
                Tensor.of(new int[] {3}));
    }

    private static Tensor xy(Model m) {
        return m.weights().get("xy");
    }

    /** An ill-conditioned bowl: (x² + 20 y²)/2, gradient (x, 20 y). */
    private static Tensor bowl(Model m) {
        Tensor c = Tensor.of(new double[] {0.5, 10}).cast(xy(m).dtype());
        return xy(m).square().times(c).sum();
    }

    /** A curved one: (1 − x)² + 3 (y − x²)², after Rosenbrock, bottom at (1, 1). */
    private static Tensor valley(Model m) {
        Tensor x = xy(m).slice(0, 0, 1);
        Tensor y = xy(m).slice(0, 1, 2);
        return x.negate().plus(1).square().plus(y.minus(x.square()).square().times(3)).sum();
    }

    private static <S> Function<State<S>, State<S>> step(
            Optimizer<S> optimizer, Function<Model, Tensor> loss) {
        return s -> {
            var g = Transforms.grad(loss).apply(s.model());
            var next = optimizer.update(g, s.optimizer(), s.model());
            return new State<>(next.params(), next.state());
        };
    }

    private static <S> State<S> start(Optimizer<S> optimizer, double x, double y) {
        return new State<>(model(x, y), optimizer.init(model(x, y)));
    }

    @ParameterizedTest
    @MethodSource("rowsWithDecay")
    void fiftyStepsAreThoseOfThePlainLoop(Row row) {
        fiftySteps(row.optimizer(), row.rule().get());
    }

    private static <S> void fiftySteps(Optimizer<S> optimizer, PlainLoops.Rule rule) {
        var eager = step(optimizer, OptimizerTableTest::bowl);
        var jitted = Transforms.jit(eager);
        var a = start(optimizer, 1.5, -0.8);
        var b = a;
        var theta = new double[] {1.5, -0.8};
        for (int t = 1; t <= 50; t++) {
            a = eager.apply(a);
            b = jitted.apply(b);
            rule.step(theta, new double[] {theta[0], 20 * theta[1]}, t);
            assertThat(xy(a.model()).toDoubles()).containsExactly(theta, within(1e-12));
            assertThat(xy(b.model()).toDoubles()).containsExactly(theta, within(1e-12));
        }
        assertThat(jitted.traces()).isEqualTo(1);
    }

    static Stream<Row> thatReachTheBottom() {
        return Stream.concat(rows(), more().filter(r -> r.steps() > 0));
    }

    @ParameterizedTest
    @MethodSource("thatReachTheBottom")
    void reachesTheBottomOfTwoBowls(Row row) {
        assertThat(descend(row.optimizer(), OptimizerTableTest::bowl, row.steps(), 1.5, -0.8))
                .containsExactly(new double[] {0, 0}, within(5e-3));
        assertThat(descend(row.optimizer(), OptimizerTableTest::valley, 4 * row.steps(), -0.5, 0.5))
                .containsExactly(new double[] {1, 1}, within(5e-2));
    }

    private static <S> double[] descend(
            Optimizer<S> optimizer, Function<Model, Tensor> loss, int steps, double x, double y) {
        var step = Transforms.jit(step(optimizer, loss));
        var s = start(optimizer, x, y);
        for (int i = 0; i < steps; i++) {
            s = step.apply(s);
        }
        return xy(s.model()).toDoubles();
    }

    @ParameterizedTest
    @MethodSource("rowsWithDecay")
    void restartingFromASavedStateIsNoRestart(Row row) {
        restart(row.optimizer());
    }

    private static <S> void restart(Optimizer<S> optimizer) {
        var step = step(optimizer, OptimizerTableTest::valley);
        var s = start(optimizer, -0.5, 0.5);
        for (int i = 0; i < 5; i++) {
            s = step.apply(s);
        }
        // what a checkpoint keeps: numbers by path; the structure comes from a fresh start
        var saved = Tree.named(s);
        State<S> restored =
                Tree.mapLeaves(
                        leaf -> copy(saved.get(leaf.path().toString())), start(optimizer, 9, 9));
        for (int i = 0; i < 5; i++) {
            s = step.apply(s);
            restored = step.apply(restored);
        }
        assertThat(xy(restored.model()).toDoubles()).containsExactly(xy(s.model()).toDoubles());
    }

    private static Tensor copy(Tensor t) {
        return switch (t.dtype()) {
            case FLOAT64 -> Tensor.of(t.toDoubles()).reshape(t.shape().dims());
            case INT32 -> Tensor.of(t.toInts()).reshape(t.shape().dims());
            case FLOAT32, INT64, BOOL, BFLOAT16 ->
                    throw new AssertionError("unexpected " + t.type());
        };
    }

    @ParameterizedTest
    @MethodSource("rowsWithDecay")
    void whatIsNotTrainedStaysAndTypesStay(Row row) {
        types(row.optimizer());
    }

    private static <S> void types(Optimizer<S> optimizer) {
        for (var dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
            Model model = Tree.mapTrained(t -> t.cast(dtype), model(1, 2));
            var s = new State<>(model, optimizer.init(model));
            var step = step(optimizer, OptimizerTableTest::bowl);
            var next = s;
            for (int i = 0; i < 4; i++) { // one that gathers four batches moves at the fourth
                next = step.apply(next);
            }
            assertThat(next.model().mean().value()).isSameAs(model.mean().value());
            assertThat(next.model().count()).isSameAs(model.count());
            assertThat(xy(next.model()).toDoubles()).isNotEqualTo(xy(model).toDoubles());
            var before = Tree.flatten(s);
            var after = Tree.flatten(next);
            assertThat(after.structure()).isEqualTo(before.structure());
            assertThat(after.tensors().stream().map(Tensor::type))
                    .containsExactlyElementsOf(
                            before.tensors().stream().map(Tensor::type).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void remembersNothingOfUntrainedLeaves(Row row) {
        assertThat(Tree.named(row.optimizer().init(model(1, 2))).keySet())
                .noneMatch(path -> path.contains("count") || path.endsWith("mean]"));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aStateOfAnotherModelIsRefused(Row row) {
        otherModel(row.optimizer());
    }

    private static <S> void otherModel(Optimizer<S> optimizer) {
        var state = optimizer.init(Tensor.of(new double[] {1, 2, 3}));
        var leaves =
                Tree.flatten(state).tensors().stream().filter(t -> t.dtype().isFloating()).toList();
        var model = model(1, 2);
        if (!leaves.isEmpty()) {
            assertThatThrownBy(() -> optimizer.update(model, state, model))
                    .isInstanceOf(OptimizerException.class)
                    .hasMessageContaining(
                            "for weights[xy] of type float64(2,); it belongs to another model."
                                    + " Start from init(params)");
        } else {
            // an optimizer without memory of the parameters serves any
            assertThat(optimizer.update(model, state, model).params().count())
                    .isSameAs(model.count());
        }
    }

    /** An optimizer that no test makes is not done. */
    @Test
    void everyRecipeIsTested() throws IOException {
        var tests = new StringBuilder();
        try (var files = Files.list(Path.of("src/test/java/dev/fathom/optim/recipe"))) {
            for (var test : files.toList()) {
                tests.append(Files.readString(test));
            }
        }
        try (var files = Files.list(Path.of("src/main/java/dev/fathom/optim/recipe"))) {
            var names =
                    files.map(f -> f.getFileName().toString().replace(".java", ""))
                            .filter(n -> !n.equals("Recipe") && !n.equals("package-info"))
                            .toList();
            assertThat(names).hasSizeGreaterThan(15);
            assertThat(names)
                    .allSatisfy(n -> assertThat(tests).containsPattern(n + "\\.[a-z]+\\("));
        }
    }
}
