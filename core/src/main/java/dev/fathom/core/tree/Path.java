package dev.fathom.core.tree;

import java.util.ArrayList;
import java.util.List;

/** Where a leaf stands in a tree, such as {@code layers[2].weight}. */
public record Path(List<Step> steps) {
    /** The top of a tree. */
    public static final Path ROOT = new Path(List.of());

    /** One step down. */
    public sealed interface Step {
        /** A record component. */
        record Field(String name) implements Step {}

        /** A list element. */
        record Index(int position) implements Step {}

        /** A map entry. */
        record Entry(String key) implements Step {}
    }

    /** Copies the list. */
    public Path {
        steps = List.copyOf(steps);
    }

    /** This path and one more step. */
    public Path then(Step step) {
        var longer = new ArrayList<>(steps);
        longer.add(step);
        return new Path(longer);
    }

    /** Whether this path begins with {@code prefix}. */
    public boolean startsWith(Path prefix) {
        return steps.size() >= prefix.steps.size()
                && steps.subList(0, prefix.steps.size()).equals(prefix.steps);
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (var step : steps) {
            switch (step) {
                case Step.Field(String name) -> text.append(text.isEmpty() ? "" : ".").append(name);
                case Step.Index(int i) -> text.append('[').append(i).append(']');
                case Step.Entry(String key) -> text.append('[').append(key).append(']');
            }
        }
        return text.isEmpty() ? "(the value itself)" : text.toString();
    }
}
