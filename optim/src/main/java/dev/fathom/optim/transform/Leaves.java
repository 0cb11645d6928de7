package dev.fathom.optim.transform;

import dev.fathom.core.tree.Tree;
import dev.fathom.optim.error.OptimizerException;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Which leaves of a model are meant, by their paths, such as {@code features.layers[0].weight}. */
public final class Leaves {
    private Leaves() {}

    /**
     * Leaves whose whole path matches: {@code *} stands for anything within one name or index,
     * {@code **} for anything at all.
     *
     * <pre>{@code
     * Leaves.matching("features.**")          // everything below features
     * Leaves.matching("**.bias")              // every bias
     * Leaves.matching("layers[*].weight")     // the weights of a list of layers
     * }</pre>
     *
     * @throws OptimizerException if the pattern is blank
     */
    public static Predicate<Tree.Leaf> matching(String pattern) {
        if (pattern.isBlank()) {
            throw new OptimizerException("Leaves.matching: the pattern is blank; ** means all");
        }
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            if (pattern.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (pattern.charAt(i) == '*') {
                regex.append("[^.\\[\\]]*");
            } else {
                regex.append(Pattern.quote(pattern.substring(i, i + 1)));
            }
        }
        var compiled = Pattern.compile(regex.toString());
        return leaf -> compiled.matcher(leaf.path().toString()).matches();
    }
}
