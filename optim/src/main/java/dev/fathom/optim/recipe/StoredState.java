package dev.fathom.optim.recipe;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tree.Path;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.Optimizer;
import dev.fathom.optim.error.OptimizerException;

import java.util.List;

/**
 * An optimizer that keeps some of what it remembers in bfloat16 between steps, and computes as
 * before. With m₁₆ for what is kept and round for the cast:
 *
 * <pre>
 * (θ, m) ← inner(g, m₁₆, θ)
 * m₁₆ ← round(m)
 * </pre>
 *
 * <p>Good for means of gradients, which forget fast: Adam's {@code mean} (β₁ = 0.9), the {@code
 * velocity} of momentum. Not for means of squares: with β₂ = 0.999 a step takes a thousandth away,
 * which is less than half a digit of bfloat16, so such a mean could never fall.
 *
 * <p>The state has the type of the inner one. Tensors of float64 stay as they are.
 *
 * @param <S> what the inner optimizer remembers
 * @param inner makes the steps
 * @param names of the parts of its state that are kept in bfloat16
 */
public record StoredState<S>(Optimizer<S> inner, List<String> names) implements Optimizer<S> {

    /** Copies the names. */
    public StoredState {
        names = List.copyOf(names);
    }

    /** For example {@code StoredState.of(Adam.of(1e-3), "mean")}. */
    public static <S> StoredState<S> of(Optimizer<S> inner, String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException(
                    "name what to keep in bfloat16, as StoredState.of(Adam.of(1e-3), \"mean\")");
        }
        return new StoredState<>(inner, List.of(names));
    }

    private boolean named(Path path) {
        return path.steps().stream()
                .anyMatch(step ->
                        switch (step) {
                            case Path.Step.Field(String name) -> names.contains(name);
                            case Path.Step.Entry(String key) -> names.contains(key);
                            case Path.Step.Index _ -> false;
                        });
    }

    private S cast(S state, DType from, DType to) {
        return Tree.mapLeaves(
                leaf ->
                        leaf.tensor().dtype() == from && named(leaf.path())
                                ? leaf.tensor().cast(to)
                                : leaf.tensor(),
                state);
    }

    /**
     * @throws OptimizerException if nothing in the state of the inner optimizer has such a name
     */
    @Override
    public S init(Object params) {
        S state = inner.init(params);
        var leaves = Tree.flatten(state).leaves();
        if (leaves.stream().noneMatch(leaf -> named(leaf.path()))) {
            throw new OptimizerException(
                    "storedState: nothing in the state is called "
                            + String.join(" or ", names)
                            + "; there are "
                            + leaves.stream().map(leaf -> leaf.path().toString()).toList());
        }
        return cast(state, DType.FLOAT32, DType.BFLOAT16);
    }

    @Override
    public <P> Step<P, S> update(P gradients, S state, P params) {
        var step = inner.update(gradients, cast(state, DType.BFLOAT16, DType.FLOAT32), params);
        return new Step<>(step.params(), cast(step.state(), DType.FLOAT32, DType.BFLOAT16));
    }
}
