package dev.fathom.core.graph;

import dev.fathom.core.error.GraphException;

import java.util.List;
import java.util.stream.Stream;

/**
 * A program with the same results and fewer lines, for backends to start from. It is made by small
 * passes, one after another; {@link #explain} shows the program after each.
 *
 * <ol>
 *   <li>{@code inline}: calls are put in line
 *   <li>{@code fold}: what follows from small constants is a constant
 *   <li>{@code algebra}: lines that change nothing go
 *   <li>{@code common}: equal lines are computed once
 *   <li>{@code unused}: lines whose results nobody uses go
 *   <li>{@code bodies}: programs inside loops and branches go through all of this
 *   <li>{@code factored}: products that are only summed are not formed
 *   <li>{@code joined-pads}: pieces are put side by side instead of being padded and added
 *   <li>{@code joined-shifts}: what is added in two steps is added at once
 *   <li>{@code pooled-first}: maxima are taken before what keeps the order, or turns it round
 *   <li>{@code known-sums}: sums that follow from others are not computed
 *   <li>{@code late-sums}: loops add up sums over the batch after their last step
 *   <li>{@code cheap-stacks}: loops compute what is cheap instead of reading what other loops kept
 *   <li>{@code lean-loops}: loops do at each step what changes, and write what is read
 *   <li>and the five after the first once more
 *   <li>{@code rematerialised}: what follows from an array that is kept is computed where it is
 *       read, instead of being kept too; {@code unused} takes what was written
 * </ol>
 */
public final class Simplifier {
    private static final CompilerPass BODIES = new CompilerPass("bodies", Bodies::rewrite);

    private static final List<CompilerPass> TIDY =
            List.of(
                    new CompilerPass("fold", Folding::rewrite),
                    new CompilerPass("algebra", Algebra::rewrite),
                    new CompilerPass("common", CommonLines::rewrite),
                    new CompilerPass("unused", UnusedLines::rewrite),
                    BODIES);

    /** The compiler's rewrites, in order. A new one is a line here. */
    private static final List<CompilerPass> PASSES =
            Stream.of(
                            List.of(new CompilerPass("inline", Inlining::rewrite)),
                            TIDY,
                            List.of(
                                    new CompilerPass("factored", Factored::rewrite),
                                    new CompilerPass("joined-pads", JoinedPads::rewrite),
                                    new CompilerPass("joined-shifts", JoinedShifts::rewrite),
                                    new CompilerPass("pooled-first", PooledFirst::rewrite),
                                    new CompilerPass("known-sums", KnownSums::rewrite),
                                    new CompilerPass("late-sums", LateSums::rewrite),
                                    new CompilerPass("cheap-stacks", CheapStacks::rewrite),
                                    new CompilerPass("lean-loops", LeanLoops::rewrite)),
                            TIDY,
                            List.of(
                                    new CompilerPass("rematerialised", Rematerialised::rewrite),
                                    new CompilerPass("unused", UnusedLines::rewrite)))
                    .flatMap(List::stream)
                    .toList();

    private Simplifier() {}

    /** The passes, in the order in which they run. */
    public static List<CompilerPass> passes() {
        return PASSES;
    }

    /**
     * The simplified program; a program remembers it, and a simplified one is its own. With
     * assertions enabled it is verified after every pass.
     */
    public static Graph simplify(Graph graph) {
        return graph.simplified(g -> run(PASSES, g));
    }

    static Graph run(List<CompilerPass> passes, Graph graph) {
        var g = graph;
        for (var pass : passes) {
            var next = pass.rewrite().apply(g);
            assert next == g || verified(pass, g, next);
            g = next;
        }
        return g;
    }

    private static boolean verified(CompilerPass pass, Graph before, Graph after) {
        try {
            Verifier.verify(after);
        } catch (GraphException e) {
            throw new GraphException("the pass '" + pass.name() + "': " + e.getMessage());
        }
        if (!before.inputTypes().equals(after.inputTypes())
                || !before.outputTypes().equals(after.outputTypes())) {
            throw new GraphException(
                    "the pass '"
                            + pass.name()
                            + "' changed the inputs or the types of the outputs: from\n"
                            + before
                            + "\nto\n"
                            + after);
        }
        return true;
    }

    /**
     * The text of a program as it was recorded, and after every pass that changed it; where the
     * programs of its loops and branches are simplified, the same for them.
     */
    public static String explain(Graph graph) {
        var text = new StringBuilder("recorded:\n").append(Printer.print(graph)).append('\n');
        var g = graph;
        for (var pass : PASSES) {
            if (pass == BODIES) {
                explainInside(g, text);
            }
            var next = run(List.of(pass), g);
            if (!next.equals(g)) {
                text.append(pass.name()).append(":\n").append(Printer.print(next)).append('\n');
            }
            g = next;
        }
        return text.toString();
    }

    private static void explainInside(Graph graph, StringBuilder text) {
        for (var e : graph.equations()) {
            for (var inner : Verifier.programs(e.op())) {
                if (simplify(inner) != inner) {
                    text.append("inside ").append(e.op().name()).append(", ");
                    text.append(explain(inner));
                }
            }
        }
    }
}
