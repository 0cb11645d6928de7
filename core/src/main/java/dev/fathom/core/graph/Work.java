package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Control;
import dev.fathom.core.op.Custom;
import dev.fathom.core.op.Decomposition;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Indexing;
import dev.fathom.core.op.Ordering;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Solving;
import dev.fathom.core.op.Source;
import dev.fathom.core.op.Structural;
import dev.fathom.core.op.Window;
import dev.fathom.core.tensor.Shape;

/**
 * How much arithmetic an equation is. A multiplication and an addition are two operations; every
 * other elementwise operation counts one per element, whatever it costs; a reduction one per
 * element read. What moves data, draws, sorts or factorises counts nothing, and neither does what
 * stands inside a loop: its body has equations of its own.
 */
public final class Work {
    private Work() {}

    /** Floating-point operations of {@code e}. */
    public static long flop(Equation e) {
        return switch (e.op()) {
            case Contraction c -> contraction(c, e);
            case Elementwise _ -> result(e).size();
            case Reduction _ -> operand(e, 0).size();
            case Window _ -> operand(e, 0).size();
            case Structural _,
                    Indexing _,
                    Ordering _,
                    Source _,
                    Solving _,
                    Decomposition _,
                    Custom _,
                    Control _ ->
                    0;
        };
    }

    /** About how many additions the elementwise operation of this name takes as long as. */
    public static int weight(String name) {
        return switch (name) {
            case "exp", "expm1", "log", "log1p", "sin", "cos", "tanh", "logistic", "erf" -> 12;
            case "pow", "atan2", "remainder" -> 24;
            case "div", "sqrt", "rsqrt" -> 4;
            default -> 1;
        };
    }

    private static long contraction(Contraction op, Equation e) {
        return switch (op) {
            case Contraction.Dot d ->
                    2 * result(e).size() * operand(e, 0).select(d.leftContract()).size();
            case Contraction.Conv _ -> 2 * result(e).size() * taps(operand(e, 1));
            case Contraction.ConvInput _ -> 2 * operand(e, 0).size() * taps(operand(e, 1));
            case Contraction.ConvKernel _ -> 2 * operand(e, 1).size() * taps(result(e));
            case Contraction.ConvKernels _ ->
                    2 * operand(e, 1).size() * taps(result(e).range(1, result(e).rank()));
        };
    }

    /** Products in one output of a convolution: kernel places times channels of a group. */
    private static long taps(Shape kernel) {
        return kernel.range(0, kernel.rank() - 1).size();
    }

    private static Shape operand(Equation e, int i) {
        return e.operands().get(i).type().shape();
    }

    private static Shape result(Equation e) {
        return e.results().getFirst().type().shape();
    }
}
