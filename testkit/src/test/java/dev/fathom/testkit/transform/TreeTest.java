package dev.fathom.testkit.transform;

import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.ShapeException;
import dev.fathom.core.error.TreeException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;
import dev.fathom.core.tree.Tree;

import org.junit.jupiter.api.Test;

import java.lang.classfile.attribute.CharacterRangeInfo;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Records, lists, maps and optionals of tensors as one structure. */
class TreeTest {

    enum Activation {
        RELU,
        TANH
    }

    private record Dense(Tensor weight, Optional<Tensor> bias, Activation activation) {}

    record Normalised<T>(T inner, Statistic mean, int steps) {}

    record Model(List<Dense> layers, Map<String, Tensor> heads, Normalised<Dense> last) {}

    record Settings(int width, String name) {}

    record Configured(Settings settings, UnaryOperator<Tensor> f, Tensor value) {}

    private static Tensor vector(double... v) {
        return Tensor.of(v);
    }

    private static Model model() {
        var heads = new LinkedHashMap<String, Tensor>();
        heads.put("policy", vector(5));
        heads.put("value", vector(6, 7));
        return new Model(
                List.of(
                        new Dense(vector(1, 2), Optional.of(vector(3)), Activation.RELU),
                        new Dense(vector(4), Optional.empty(), Activation.TANH)),
                heads,
                new Normalised<>(
                        new Dense(vector(8), Optional.of(vector(9)), Activation.RELU),
                        new Statistic(vector(10)),
                        3));
    }

    @Test
    void pathsNameEveryTensor() {
        assertThat(Tree.named(model()).keySet())
                .containsExactly(
                        "layers[0].weight",
                        "layers[0].bias",
                        "layers[1].weight",
                        "heads[policy]",
                        "heads[value]",
                        "last.inner.weight",
                        "last.inner.bias",
                        "last.mean");
        assertThat(Tree.named(vector(1)).keySet()).containsExactly("(the value itself)");
        assertThat(Tree.named(List.of(List.of(vector(1)))).keySet()).containsExactly("[0][0]");
    }

    @Test
    void mapKeepsTheStructureAndWhatIsNoTensor() {
        var m = model();
        Model doubled = Tree.map(t -> t.times(2), m);
        assertThat(doubled.layers().get(0).bias().orElseThrow().toDoubles()).containsExactly(6);
        assertThat(doubled.layers().get(1).bias()).isEmpty();
        assertThat(doubled.layers().get(1).activation()).isEqualTo(Activation.TANH);
        assertThat(doubled.heads().keySet()).containsExactly("policy", "value");
        assertThat(doubled.last().mean().value().toDoubles()).containsExactly(20);
        assertThat(doubled.last().steps()).isEqualTo(3);
        assertThat(Tree.flatten(doubled).structure()).isEqualTo(Tree.flatten(m).structure());
    }

    @Test
    void statisticsAndIntegersAreNotTrained() {
        assertThat(Tree.countTrained(model())).isEqualTo(9);
        Model scaled = Tree.times(model(), 10);
        assertThat(scaled.last().mean().value().toDoubles()).containsExactly(10);
        var mixed = List.of(vector(1), Tensor.of(new int[] {2}));
        assertThat(Tree.times(mixed, 5).get(1).toInts()).containsExactly(2);
        assertThat(Tree.countTrained(mixed)).isEqualTo(1);
    }

    @Test
    void arithmeticIsThatOfVectors() {
        var a = model();
        Model b = Tree.map(t -> t.times(0).plus(1), a);
        assertThat(Tree.dot(a, b).item()).isEqualTo(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9);
        assertThat(Tree.norm(b).item()).isEqualTo(3); // nine ones
        Model sum = Tree.plus(a, b);
        assertThat(sum.heads().get("value").toDoubles()).containsExactly(7, 8);
        assertThat(Tree.minus(sum, b).heads().get("value").toDoubles()).containsExactly(6, 7);
        assertThat(Tree.leaves(Tree.zerosLike(a)))
                .allSatisfy(t -> assertThat(t.toDoubles()).containsOnly(0));
        Model byTensor = Tree.times(a, Tensor.scalar(2.0));
        assertThat(byTensor.last().inner().weight().toDoubles()).containsExactly(16);
    }

    @Test
    void gradientsAreTreesOfTheSameShape() {
        Model g =
                grad((Model m) ->
                                m.layers()
                                        .get(0)
                                        .weight()
                                        .square()
                                        .sum()
                                        .plus(
                                                m.last()
                                                        .inner()
                                                        .weight()
                                                        .times(m.last().mean().value())
                                                        .sum()))
                        .apply(model());
        assertThat(g.layers().get(0).weight().toDoubles()).containsExactly(2, 4);
        assertThat(g.layers().get(0).activation()).isEqualTo(Activation.RELU);
        assertThat(g.last().inner().weight().toDoubles()).containsExactly(10);
        assertThat(g.last().mean().value().toDoubles()).containsExactly(0);
    }

    @Test
    void oneTensorIsReplacedByItsPath() {
        Model m = Tree.with(model(), "layers[1].weight", vector(44));
        assertThat(m.layers().get(1).weight().toDoubles()).containsExactly(44);
        assertThat(m.layers().get(0).weight().toDoubles()).containsExactly(1, 2);
        assertThatThrownBy(() -> Tree.with(model(), "layers[1].weight", vector(1, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("layers[1].weight has type float64(1,), not float64(2,)");
        assertThatThrownBy(() -> Tree.with(model(), "layers[9].weight", vector(1)))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining(
                        "there is no tensor at 'layers[9].weight'; there are [layers[0].weight,");
    }

    @Test
    void recordsWithoutTensorsAreStatic() {
        var c = new Configured(new Settings(3, "x"), Tensor::exp, vector(0));
        assertThat(Tree.named(c).keySet()).containsExactly("value");
        var mapped = Tree.map(t -> t.plus(1), c);
        assertThat(mapped.settings()).isSameAs(c.settings());
        var f = jit((Configured k) -> k.f().apply(k.value()).times(k.settings().width()));
        assertThat(f.apply(c).toDoubles()).containsExactly(3);
        f.apply(new Configured(new Settings(3, "x"), c.f(), vector(1)));
        assertThat(f.traces()).isEqualTo(1);
        f.apply(new Configured(new Settings(4, "x"), c.f(), vector(1)));
        assertThat(f.traces()).isEqualTo(2);
    }

    @Test
    void emptyTreesHaveNoLeaves() {
        assertThat(Tree.leaves(List.of())).isEmpty();
        assertThat(Tree.leaves(Optional.empty())).isEmpty();
        assertThat(Tree.leaves("text")).isEmpty();
        assertThat((Object) Tree.map(t -> t, Map.of())).isEqualTo(Map.of());
    }

    @Test
    void differencesAreNamed() {
        assertThatThrownBy(() -> Tree.plus(List.of(vector(1), vector(2)), List.of(vector(1))))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("the trees differ: only one has a tensor at [1]");
        assertThatThrownBy(() -> Tree.plus(Map.of("a", vector(1)), Map.of("b", vector(1))))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("one has a tensor at [a], the other at [b]");
        assertThatThrownBy(() -> Tree.leaves(Map.of(1, vector(1))))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("has a key that is not a string: 1");
        assertThatThrownBy(() -> Tree.leaves(Arrays.asList(vector(1), null)))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("null at [1]; use Optional for what may be absent");
    }

    /** A record of a package that its module keeps to itself; the JDK has some. */
    @Test
    void aClosedPackageIsNamedWithTheLineToAdd() {
        record Holder(CharacterRangeInfo info, Tensor t) {}
        var holder = new Holder(CharacterRangeInfo.of(0, 1, 2, 3, 4), vector(1));
        assertThat(holder.info()).isInstanceOf(Record.class);
        var type = holder.info().getClass();
        assertThatThrownBy(() -> Tree.leaves(holder))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("the record " + type.getName())
                .hasMessageContaining(
                        "its module java.base keeps the package closed. Add to module-info.java:"
                                + " opens ")
                .hasMessageContaining(type.getPackageName() + " to dev.fathom.core;");
    }

    @Test
    void keysAreTrees() {
        assertThat(Tree.named(Key.of(5)).keySet()).containsExactly("bits");
        record State(Tensor w, Key key) {}
        var step =
                jit((State s) ->
                        new State(
                                s.w().plus(s.key().split(2)[0].normal(2).cast(s.w().dtype())),
                                s.key().split(2)[1]));
        var one = step.apply(new State(vector(0, 0), Key.of(1)));
        var two = step.apply(one);
        assertThat(two.w().toDoubles()).isNotEqualTo(one.w().toDoubles());
        assertThat(step.traces()).isEqualTo(1);
    }

    @Test
    void aVectorFillsTheTrainedTensorsAndNoOthers() {
        var filled = Tree.withTrained(model(), vector(11, 12, 13, 14, 15, 16, 17, 18, 19));
        assertThat(filled.layers().getFirst().weight().toDoubles()).containsExactly(11, 12);
        assertThat(filled.heads().get("value").toDoubles()).containsExactly(16, 17);
        assertThat(filled.last().inner().weight().toDoubles()).containsExactly(18);
        assertThat(filled.last().mean().value().toDoubles()).containsExactly(10);
        assertThatThrownBy(() -> Tree.withTrained(model(), vector(1, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("does not fill a tree of 9 trained numbers");
    }
}
