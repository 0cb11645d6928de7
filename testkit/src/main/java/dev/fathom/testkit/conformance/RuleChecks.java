package dev.fathom.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.fathom.core.error.DTypeException;
import dev.fathom.core.error.NotDifferentiableException;
import dev.fathom.core.error.ShapeException;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.Operation;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.WithAux;
import dev.fathom.core.tree.Tree;
import dev.fathom.testkit.check.Derivatives;
import dev.fathom.testkit.check.Directions;
import dev.fathom.testkit.check.GradientCheck;
import dev.fathom.testkit.check.TreeAssert;
import dev.fathom.testkit.spec.Case;
import dev.fathom.testkit.spec.Spec;

import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.function.Executable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The checks that follow from a row: those of the type rule, of both directions of the derivative
 * and its second order, of the batching rule, and of their compositions. On whatever backend is
 * current.
 */
public final class RuleChecks {
    private static final double WRONG = 1.01;
    private static final long SEED = 20;

    private final Spec spec;
    private final Case c;
    private final List<Tensor> x;
    private final List<Tensor> point;
    private final Function<List<Tensor>, List<Tensor>> f;
    private final GradientCheck check;

    private RuleChecks(Spec spec, Case c) {
        this.spec = spec;
        this.c = c;
        x = c.sample(dtype(), SEED);
        point = c.point(x);
        f = c.function(x);
        check = GradientCheck.precise().within(c.tolerance());
    }

    /** The dtype the rules are checked in: float64 wherever the row has it. */
    private DType dtype() {
        return spec.dtypes().contains(DType.FLOAT64)
                ? DType.FLOAT64
                : spec.dtypes().iterator().next();
    }

    /** The checks of one row, a container per case. */
    public static Stream<DynamicNode> of(Spec spec) {
        var cases = new ArrayList<DynamicNode>();
        cases.add(dynamicTest("takes the dtypes of its row", () -> dtypes(spec)));
        cases.add(dynamicTest("has a derivative to check", () -> hasSubstance(spec)));
        for (var c : spec.cases()) {
            cases.add(dynamicContainer(c.label(), new RuleChecks(spec, c).tests().stream()));
        }
        return cases.stream();
    }

    /** Every case takes the dtypes of the row, and not every case takes another one. */
    private static void dtypes(Spec spec) {
        var own = spec.cases().getFirst();
        for (var dtype : DType.values()) {
            if (spec.dtypes().contains(dtype)) {
                for (var c : spec.cases()) {
                    assertThat(c.primitive(dtype).types(c.types(dtype)))
                            .as("%s of %s", c, dtype)
                            .isNotEmpty();
                }
            } else if (own.primitive(DType.FLOAT64) instanceof Operation o
                    && !(o instanceof Custom)
                    && own.operands().stream().anyMatch(x -> x.fixed().isEmpty())) {
                assertThat(spec.cases())
                        .as("%s of %s must be refused", spec, dtype)
                        .anySatisfy(c ->
                                assertThatThrownBy(() -> c.primitive(dtype).types(c.types(dtype)))
                                        .isInstanceOfAny(
                                                DTypeException.class, ShapeException.class));
            }
        }
    }

    /**
     * A primitive that says it is differentiable in a floating operand is differentiated in some
     * case.
     */
    private static void hasSubstance(Spec spec) {
        var c = spec.cases().getFirst();
        var op = c.primitive(DType.FLOAT64);
        boolean promised =
                op instanceof Operation o
                        && spec.dtypes().contains(DType.FLOAT64)
                        && op.types(c.types(DType.FLOAT64)).stream()
                                .anyMatch(t -> t.dtype().isFloating())
                        && c.types(DType.FLOAT64).stream().anyMatch(t -> t.dtype().isFloating())
                        && !c.variables().isEmpty()
                        && o.differentiableIn(c.variables().getFirst());
        boolean checked =
                spec.cases().stream()
                        .anyMatch(k -> k.derivative().forward() || k.derivative().reverse());
        assertThat(checked || !promised)
                .as("%s says it has a derivative, and its row checks none", spec)
                .isTrue();
    }

    // ---- the list
    // --------------------------------------------------------------------------------

    private List<DynamicNode> tests() {
        var tests = new ArrayList<DynamicNode>();
        Consumer<Object[]> add = t -> tests.add(dynamicTest((String) t[0], (Executable) t[1]));
        put(add, "types", this::types);
        put(add, "vmap", this::vmap);
        put(add, "jit", this::jit);
        switch (c.derivative()) {
            case NONE -> {}
            case ZERO -> {
                put(add, "derivative is zero", () -> check.forward(f, point));
                put(add, "counts as zero", this::zero);
            }
            case STOPPED -> put(add, "counts as zero", this::zero);
            case SMOOTH -> {
                forward(add);
                reverse(add);
                both(add);
            }
            case FORWARD_ONLY -> {
                forward(add);
                put(add, "reverse is refused", this::reverseRefused);
            }
            case REVERSE_ONLY -> {
                reverse(add);
                put(add, "forward is refused", this::forwardRefused);
            }
        }
        return tests;
    }

    private static void put(Consumer<Object[]> add, String name, Executable test) {
        add.accept(new Object[] {name, test});
    }

    private void forward(Consumer<Object[]> add) {
        put(add, "jvp", () -> check.forward(f, point));
        put(add, "jvp, power", () -> mustFail(() -> scaled(WRONG, 1).forward(f, point)));
        put(
                add,
                "jvp of a stated wrong rule, power",
                () -> mustFail(() -> check.forward(stated(), point)));
        if (spec.dtypes().contains(DType.FLOAT32)) {
            put(add, "jvp in single precision", this::singleForward);
        }
        put(add, "vmap of jvp", this::vmapOfJvp);
        put(add, "jit of jvp, jvp of jit", this::jitAndJvp);
    }

    private void reverse(Consumer<Object[]> add) {
        put(add, "vjp", () -> check.reverse(f, point));
        put(add, "vjp, power", () -> mustFail(() -> scaled(1, WRONG).reverse(f, point)));
        put(add, "grad of grad", () -> check.secondReverse(scalar(), point));
        put(
                add,
                "grad of grad, power",
                () -> mustFail(() -> scaled(1, WRONG).secondReverse(scalar(), point)));
        if (spec.dtypes().contains(DType.FLOAT32)) {
            put(add, "vjp in single precision", this::singleReverse);
        }
        put(add, "vmap of grad", this::vmapOfGrad);
        put(add, "jit of grad, grad of jit", this::jitAndGrad);
    }

    private void both(Consumer<Object[]> add) {
        put(add, "transpose", () -> check.transposition(f, point));
        put(
                add,
                "transpose, power",
                () -> mustFail(() -> scaled(1, WRONG).transposition(f, point)));
        put(
                add,
                "vjp of a stated wrong rule, power",
                () -> mustFail(() -> check.reverse(stated(), point)));
        put(add, "jvp of grad", () -> check.second(scalar(), point));
        put(
                add,
                "jvp of grad, power",
                () -> mustFail(() -> scaled(WRONG, 1).second(scalar(), point)));
        put(add, "second derivative is symmetric", () -> check.symmetry(scalar(), point));
        put(add, "linearize", this::linearize);
        put(add, "checkpoint", this::checkpoint);
    }

    private GradientCheck scaled(double forward, double reverse) {
        return check.of(Derivatives.scaled(forward, reverse));
    }

    private static void mustFail(Executable checked) {
        assertThatThrownBy(checked::execute)
                .as("a derivative that is 1 % off must not pass")
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("relative error");
    }

    /** The same function with its derivative stated, 1 % too large. */
    private Function<List<Tensor>, List<Tensor>> stated() {
        return Transforms.withForwardRule(
                f, (p, _, dp) -> Tree.times(Transforms.jvp(f, p, dp).tangent(), WRONG));
    }

    /**
     * A scalar of the results with a second derivative even where the operation is linear: Σ w·y +
     * ½ u·y².
     */
    private Function<List<Tensor>, Tensor> scalar() {
        return scalar(f, f.apply(point));
    }

    private static Function<List<Tensor>, Tensor> scalar(
            Function<List<Tensor>, List<Tensor>> f, List<Tensor> like) {
        var w = Directions.random(like, 5);
        var u = Directions.random(like, 6);
        return p -> {
            var y = f.apply(p);
            var squares = Tree.map(t -> t.times(t).times(0.5), y);
            return Tree.dot(w, y).plus(Tree.dot(u, squares));
        };
    }

    // ---- the checks
    // ------------------------------------------------------------------------------

    private void types() {
        for (var dtype : spec.dtypes()) {
            var operands = c.sample(dtype, SEED);
            var stated = c.primitive(dtype).types(c.types(dtype));
            var results = c.apply(operands);
            assertThat(results).hasSameSizeAs(stated);
            for (int k = 0; k < results.size(); k++) {
                assertThat(results.get(k).type()).as("result %d", k).isEqualTo(stated.get(k));
                assertThat(results.get(k).toDoubles()).hasSize(stated.get(k).shape().length());
            }
        }
    }

    private void zero() {
        var direction = Directions.random(point, 1);
        var tangent = Transforms.jvp(f, point, direction).tangent();
        TreeAssert.assertClose("jvp", tangent, Tree.zerosLike(tangent), 0);
        var pulled =
                Transforms.vjp(f, point).pullback().apply(Directions.random(f.apply(point), 2));
        TreeAssert.assertClose("vjp", pulled, Tree.zerosLike(pulled), 0);
    }

    private void reverseRefused() {
        assertThatThrownBy(() -> Transforms.vjp(f, point))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("no reverse derivative");
    }

    private void forwardRefused() {
        assertThatThrownBy(() -> Transforms.jvp(f, point, point))
                .isInstanceOf(NotDifferentiableException.class)
                .hasMessageContaining("forward");
    }

    private static final int EXAMPLES = 3;

    /** Every subset of operands batched, against one example after the other. */
    private void vmap() {
        int n = x.size();
        var examples = new ArrayList<List<Tensor>>();
        for (int b = 0; b < EXAMPLES; b++) {
            examples.add(c.sample(dtype(), SEED + b));
        }
        for (int subset = 1; subset < 1 << n; subset++) {
            var chosen = new ArrayList<Integer>();
            for (int i = 0; i < n; i++) {
                if ((subset >> i & 1) == 1) {
                    chosen.add(i);
                }
            }
            Function<List<Tensor>, List<Tensor>> one = v -> c.apply(mix(x, chosen, v));
            var batch = Stacks.stack(examples.stream().map(e -> pick(e, chosen)).toList());
            var found = Transforms.vmap(one).apply(batch);
            var expected =
                    Stacks.stack(examples.stream().map(e -> one.apply(pick(e, chosen))).toList());
            TreeAssert.assertClose("vmap over operands " + chosen, found, expected, 1e-11);
            TreeAssert.assertClose(
                    "vmap of jit",
                    Transforms.vmap(Transforms.jit(one)).apply(batch),
                    expected,
                    1e-11);
            TreeAssert.assertClose(
                    "jit of vmap",
                    Transforms.jit(Transforms.vmap(one)).apply(batch),
                    expected,
                    1e-11);
        }
    }

    private static List<Tensor> pick(List<Tensor> values, List<Integer> at) {
        return at.stream().map(values::get).toList();
    }

    private static List<Tensor> mix(List<Tensor> base, List<Integer> at, List<Tensor> values) {
        var all = new ArrayList<>(base);
        for (int k = 0; k < at.size(); k++) {
            all.set(at.get(k), values.get(k));
        }
        return all;
    }

    private void jit() {
        for (var dtype : spec.dtypes()) {
            var operands = c.sample(dtype, SEED);
            Function<List<Tensor>, List<Tensor>> all = c::apply;
            double tolerance = 10 * spec.accuracy().relative(DType.FLOAT32);
            TreeAssert.assertClose(
                    "jit " + dtype,
                    Transforms.jit(all).apply(operands),
                    c.apply(operands),
                    tolerance);
        }
    }

    private List<List<Tensor>> points() {
        var r = new ArrayList<List<Tensor>>();
        for (int b = 0; b < EXAMPLES; b++) {
            r.add(c.point(c.sample(dtype(), SEED + b)));
        }
        return r;
    }

    /** vmap of {@code g} over points against {@code g} at each. */
    private void overPoints(String what, Function<List<Tensor>, List<Tensor>> g) {
        if (point.isEmpty()) {
            return;
        }
        var found = Transforms.vmap(g).apply(Stacks.stack(points()));
        TreeAssert.assertClose(what, found, Stacks.stack(points().stream().map(g).toList()), 1e-9);
    }

    private void vmapOfJvp() {
        var direction = Directions.random(point, 1);
        overPoints("vmap of jvp", p -> Transforms.jvp(f, p, direction).tangent());
    }

    private void vmapOfGrad() {
        var gradient = Transforms.grad(scalar());
        overPoints("vmap of grad", gradient);
        overPoints("vmap of grad of jit", Transforms.grad(Transforms.jit(scalar())));
        overPoints("vmap of jit of grad", Transforms.jit(gradient));
        Function<List<Tensor>, List<Tensor>> curvature =
                p -> Transforms.hvpReverse(scalar(), p, Directions.random(p, 3));
        overPoints("vmap of grad of grad", q -> curvature.apply(q));
    }

    private void jitAndJvp() {
        var direction = Directions.random(point, 1);
        var expected = Transforms.jvp(f, point, direction).tangent();
        Function<List<Tensor>, List<Tensor>> push = p -> Transforms.jvp(f, p, direction).tangent();
        TreeAssert.assertClose("jit of jvp", Transforms.jit(push).apply(point), expected, 1e-10);
        var through = Transforms.jvp(Transforms.jit(f), point, direction).tangent();
        TreeAssert.assertClose("jvp of jit", through, expected, 1e-10);
    }

    private void jitAndGrad() {
        var s = scalar();
        var expected = Transforms.grad(s).apply(point);
        TreeAssert.assertClose(
                "jit of grad", Transforms.jit(Transforms.grad(s)).apply(point), expected, 1e-10);
        TreeAssert.assertClose(
                "grad of jit", Transforms.grad(Transforms.jit(s)).apply(point), expected, 1e-10);
        Function<List<Tensor>, Tensor> slope = p -> Tree.dot(Transforms.grad(s).apply(p), p);
        var second = Transforms.grad(slope).apply(point);
        TreeAssert.assertClose(
                "grad of jit of grad",
                Transforms.grad(Transforms.jit(slope)).apply(point),
                second,
                1e-9);
        TreeAssert.assertClose(
                "jit of grad of grad",
                Transforms.jit(Transforms.grad(slope)).apply(point),
                second,
                1e-9);
        var aux =
                Transforms.valueAndGradAux(
                                (List<Tensor> p) -> new WithAux<>(s.apply(p), f.apply(p)))
                        .apply(point);
        TreeAssert.assertClose("value beside grad", aux.value(), s.apply(point), 1e-10);
        TreeAssert.assertClose("aux beside grad", aux.aux(), f.apply(point), 1e-10);
    }

    private static final double SINGLE = 5e-3;

    /** Operands in single precision, and the same numbers in double precision. */
    private List<List<Tensor>> bothPrecisions() {
        var narrow = c.sample(DType.FLOAT32, SEED);
        var wide =
                narrow.stream()
                        .map(t -> t.dtype() == DType.FLOAT32 ? t.cast(DType.FLOAT64) : t)
                        .toList();
        return List.of(narrow, wide);
    }

    private static List<Tensor> widened(List<Tensor> tree) {
        return Tree.map(t -> t.cast(DType.FLOAT64), tree);
    }

    /** Rules must stay in the dtype they are given, and be right there to three digits. */
    private void singleForward() {
        var both = bothPrecisions();
        var narrow = c.point(both.get(0));
        var wide = c.point(both.get(1));
        var direction = Directions.random(narrow, 1);
        var found = Transforms.jvp(c.function(both.get(0)), narrow, direction);
        assertThat(types(found.tangent())).isEqualTo(types(found.value()));
        var expected = Transforms.jvp(c.function(both.get(1)), wide, widened(direction)).tangent();
        TreeAssert.assertClose("jvp", widened(found.tangent()), widened(expected), SINGLE);
    }

    private void singleReverse() {
        var both = bothPrecisions();
        var narrow = c.point(both.get(0));
        var wide = c.point(both.get(1));
        var g = c.function(both.get(0));
        var weights = Directions.random(g.apply(narrow), 1);
        var found = Transforms.vjp(g, narrow).pullback().apply(weights);
        assertThat(types(found)).isEqualTo(types(narrow));
        var h = c.function(both.get(1));
        var like = h.apply(wide).stream().map(Tensor::dtype).toList();
        var same = new ArrayList<Tensor>();
        for (int k = 0; k < like.size(); k++) {
            same.add(weights.get(k).cast(like.get(k)));
        }
        var expected = Transforms.vjp(h, wide).pullback().apply(same);
        TreeAssert.assertClose("vjp", widened(found), widened(expected), SINGLE);
    }

    private static List<TensorType> types(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::type).toList();
    }

    private void linearize() {
        var direction = Directions.random(point, 1);
        var linear = Transforms.linearize(f, point);
        TreeAssert.assertClose("value", linear.value(), f.apply(point), 1e-11);
        TreeAssert.assertClose(
                "derivative",
                linear.derivative().apply(direction),
                Transforms.jvp(f, point, direction).tangent(),
                1e-10);
    }

    private void checkpoint() {
        var s = scalar(Transforms.checkpoint(f), f.apply(point));
        TreeAssert.assertClose(
                "grad",
                Transforms.grad(s).apply(point),
                Transforms.grad(scalar()).apply(point),
                1e-10);
        TreeAssert.assertClose(
                "hvp",
                Transforms.hvp(s, point, point),
                Transforms.hvp(scalar(), point, point),
                1e-9);
    }
}
