package dev.fathom.optim.second;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.optim.Descents;
import dev.fathom.optim.Objective;
import dev.fathom.optim.error.OptimizerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.IntStream;

final class LbfgsTest {
    private static double valley(double c, double[] t) {
        double bend = t[1] - t[0] * t[0];
        return (1 - t[0]) * (1 - t[0]) + c * bend * bend;
    }

    /** Rosenbrock's function from his start, as far as rounding does not decide. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10})
    void rosenbrocksPathIsThatOfThePlainLoops(int memory) {
        var plain =
                new PlainLbfgs(t -> valley(100, t), t -> Descents.valleySlope(100, t), memory)
                        .run(new double[] {-1.2, 1}, 25);
        var path = Descents.path(Lbfgs.of().withMemory(memory), Descents.valley(100), 25, -1.2, 1);
        for (int k = 0; k < 25; k++) {
            assertThat(path.get(k)).containsExactly(plain.get(k), within(1e-8));
        }
    }

    /** 50 steps on a bowl in 12 dimensions whose curvatures run from 1 to 144. */
    @Test
    void fiftyStepsAreThoseOfThePlainLoops() {
        var c = IntStream.range(1, 13).mapToDouble(i -> i * i).toArray();
        var start = IntStream.range(0, 12).mapToDouble(i -> Math.cos(i) + 0.1).toArray();
        Objective<Tensor> bowl =
                Objective.of(t ->
                        t.square()
                                .times(Tensor.of(c))
                                .sum()
                                .times(0.5)
                                .plus(t.square().square().sum()));
        var reference =
                new PlainLbfgs(
                        t -> {
                            double sum = 0;
                            for (int i = 0; i < 12; i++) {
                                sum += c[i] * t[i] * t[i] / 2 + Math.pow(t[i], 4);
                            }
                            return sum;
                        },
                        t ->
                                IntStream.range(0, 12)
                                        .mapToDouble(i -> c[i] * t[i] + 4 * t[i] * t[i] * t[i])
                                        .toArray(),
                        5);
        var plain = reference.run(start, 50);
        var path = Descents.path(Lbfgs.of().withMemory(5), bowl, 50, start);
        for (int k = 0; k < 50; k++) {
            assertThat(path.get(k)).containsExactly(plain.get(k), within(1e-9));
        }
        assertThat(path.getLast()).containsExactly(new double[12], within(1e-6));
    }

    @Test
    void threeStepsByHand() {
        // E = 2θ², g = 4θ, from 3. First try α = 1/12: θ = 2, E = 8 ≤ 18 − .., |φ'| = 96 ≤ 0.9·144.
        // Then s = −1, y = −4, H = ¼: the minimum in one step, where g = 0 and nothing moves.
        Objective<Tensor> square = Objective.of(t -> t.square().sum().times(2));
        var path = Descents.path(Lbfgs.of(), square, 3, 3);
        assertThat(path.get(0)[0]).isCloseTo(2, within(1e-14));
        assertThat(path.get(1)[0]).isCloseTo(0, within(1e-14));
        assertThat(path.get(2)[0]).isCloseTo(0, within(1e-14));
    }

    @Test
    void everyStepOnRosenbrockMeetsTheWolfeConditionsAndTheEndIsReached() {
        var lbfgs = Lbfgs.of();
        var step = Transforms.jit(Descents.step(lbfgs, Descents.valley(100)));
        var run = Descents.start(lbfgs, -1.2, 1);
        int steps = 0;
        while (valley(100, run.theta().toDoubles()) > 1e-20) {
            assertThat(steps++).isLessThan(45);
            var x = run.theta().toDoubles();
            run = step.apply(run);
            var next = run.theta().toDoubles();
            var moved = PlainLbfgs.plus(next, PlainLbfgs.scaled(-1, x));
            double before = PlainLbfgs.dot(Descents.valleySlope(100, x), moved);
            double after = PlainLbfgs.dot(Descents.valleySlope(100, next), moved);
            assertThat(run.state().satisfied().toBooleans()).containsExactly(true);
            assertThat(before).isNegative();
            assertThat(valley(100, next)).isLessThanOrEqualTo(valley(100, x) + 1e-4 * before);
            assertThat(Math.abs(after)).isLessThanOrEqualTo(0.9 * Math.abs(before));
        }
        assertThat(run.theta().toDoubles()).containsExactly(new double[] {1, 1}, within(1e-9));
        // the plain loops need as many
        var plain = new PlainLbfgs(t -> valley(100, t), t -> Descents.valleySlope(100, t), 10);
        var path = plain.run(new double[] {-1.2, 1}, steps);
        assertThat(valley(100, path.getLast())).isLessThan(1e-18);
    }

    @Test
    void reachesTheBottomOfTwoBowls() {
        assertThat(Descents.end(Lbfgs.of(), Descents.BOWL, 15, 1.5, -0.8))
                .containsExactly(new double[] {0, 0}, within(1e-9));
        assertThat(Descents.end(Lbfgs.of(), Descents.valley(3), 20, -0.5, 0.5))
                .containsExactly(new double[] {1, 1}, within(1e-9));
    }

    @Test
    void restartEqualsNoRestart() {
        Descents.restartEqualsNoRestart(Lbfgs.of(), Descents.valley(100), 16, -1.2, 1);
    }

    @Test
    void aSearchThatIsCutShortKeepsAPlaceThatIsNotWorse() {
        // one evaluation is not enough where the first try is far too long: α = 0, nothing moves
        var short1 = Lbfgs.of().withSearch(new WolfeSearch(1e-4, 0.9, 1));
        Objective<Tensor> steep = Objective.of(t -> t.square().square().sum().times(1e3));
        var run = Descents.step(short1, steep).apply(Descents.start(short1, 0.1));
        assertThat(run.theta().toDoubles()).containsExactly(0.1);
        assertThat(run.state().satisfied().toBooleans()).containsExactly(false);
        var enough = Lbfgs.of();
        var found = Descents.step(enough, steep).apply(Descents.start(enough, 0.1));
        assertThat(found.state().satisfied().toBooleans()).containsExactly(true);
        assertThat(Math.abs(found.theta().toDoubles()[0])).isLessThan(0.1);
    }

    @Test
    void refusals() {
        assertThatThrownBy(() -> Lbfgs.of().withMemory(0))
                .isInstanceOf(OptimizerException.class)
                .hasMessageStartingWith("L-BFGS: memory is 0.0; it must be at least 1");
        assertThatThrownBy(() -> new WolfeSearch(0.9, 0.1, 20))
                .hasMessageStartingWith("Wolfe search: c1 is 0.9; it must be in (0, c2)");
        var state = Lbfgs.of().init(Tensor.of(new double[] {1, 2, 3}));
        assertThatThrownBy(() ->
                        Lbfgs.of().update(Descents.BOWL, state, Tensor.of(new double[] {1, 2})))
                .hasMessageStartingWith(
                        "L-BFGS: the state is for (10, 3), memory and parameters are (10, 2); it"
                                + " belongs to another model. Start from init(params)");
        assertThatThrownBy(() -> Lbfgs.of().init(Tensor.scalar(1)))
                .hasMessageStartingWith(
                        "L-BFGS: there is no floating tensor among the parameters to train");
    }
}
