package dev.fathom.optim.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Other transforms for other leaves: each trained leaf goes to the first group that wants it.
 *
 * <pre>{@code
 * new Grouped(List.of(
 *         new Group(Leaves.matching("embedding.**"), new Freeze()),
 *         new Group(Leaves.matching("**.bias"), Sgd.of(0.1).transform()),
 *         new Group(_ -> true, AdamW.of(1e-3).transform())))
 * }</pre>
 *
 * <p>A group sees a map from path to tensor, so that {@link ClipByGlobalNorm} inside a group means
 * the norm of that group.
 *
 * @param groups in order of precedence
 */
public record Grouped(List<Group> groups) implements GradientTransform<Grouped.State> {

    /**
     * Some leaves and what is done with them.
     *
     * @param wants which leaves, given with their paths in the model
     * @param transform for them
     */
    public record Group(Predicate<Tree.Leaf> wants, GradientTransform<?> transform) {}

    /**
     * The states of the groups.
     *
     * @param groups one for each group, in order
     */
    public record State(List<Object> groups) {}

    /** Copies the list. */
    public Grouped {
        groups = List.copyOf(groups);
    }

    private List<Map<String, Tensor>> split(Object model, Object tree) {
        var parts = new ArrayList<Map<String, Tensor>>();
        groups.forEach(_ -> parts.add(new LinkedHashMap<>()));
        var leaves = Tree.flatten(model).leaves();
        var tensors = Tree.flatten(tree).tensors();
        for (int i = 0; i < leaves.size(); i++) {
            if (leaves.get(i).trained()) {
                parts.get(group(leaves.get(i)))
                        .put(leaves.get(i).path().toString(), tensors.get(i));
            }
        }
        return parts;
    }

    private int group(Tree.Leaf leaf) {
        for (int g = 0; g < groups.size(); g++) {
            if (groups.get(g).wants().test(leaf)) {
                return g;
            }
        }
        throw new OptimizerException(
                "partition: no group wants "
                        + leaf.path()
                        + " of type "
                        + leaf.tensor().type()
                        + "; end with a group for the rest, new Group(_ -> true, ..)");
    }

    @Override
    public State init(Object params) {
        var parts = split(params, params);
        var states = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            states.add(groups.get(g).transform().init(parts.get(g)));
        }
        return new State(states);
    }

    @Override
    public <P> Updates<P, State> update(P gradients, State state, P params) {
        if (state.groups().size() != groups.size()) {
            throw new OptimizerException(
                    "partition: a state of "
                            + state.groups().size()
                            + " groups was given to a partition of "
                            + groups.size()
                            + "; it belongs to another optimizer. Start from init(params)");
        }
        var parts = split(params, params);
        var slopes = split(params, gradients);
        var states = new ArrayList<>();
        var all = new LinkedHashMap<String, Tensor>();
        for (int g = 0; g < groups.size(); g++) {
            var result =
                    apply(
                            groups.get(g).transform(),
                            slopes.get(g),
                            state.groups().get(g),
                            parts.get(g));
            all.putAll(result.updates());
            states.add(result.state());
        }
        P updates =
                Tree.mapLeaves(
                        leaf -> leaf.trained() ? all.get(leaf.path().toString()) : leaf.tensor(),
                        gradients);
        return new Updates<>(updates, new State(states));
    }

    @SuppressWarnings("unchecked") // the g-th state was made by the g-th group
    private static <P, S> Updates<P, S> apply(
            GradientTransform<S> transform, P gradients, Object state, P params) {
        return transform.update(gradients, (S) state, params);
    }
}
