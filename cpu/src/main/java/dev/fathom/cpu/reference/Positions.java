package dev.fathom.cpu.reference;

import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;

/** Walks over the positions of a shape, and the way from a position to a row-major index. */
final class Positions {
    private Positions() {}

    /** What is done at each position. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Element {@code index} stands at {@code position}, which is overwritten by the next step.
         */
        void visit(int index, int[] position);
    }

    /** Visits every position once, in row-major order; none if an axis has size 0. */
    static void each(Shape shape, Visitor visitor) {
        int[] dims = shape.dims();
        var position = new int[dims.length];
        int length = shape.length();
        for (int index = 0; index < length; index++) {
            visitor.visit(index, position);
            for (int axis = dims.length - 1; axis >= 0; axis--) {
                position[axis]++;
                if (position[axis] < dims[axis]) {
                    break;
                }
                position[axis] = 0;
            }
        }
    }

    /** The row-major index of a position. */
    static int index(int[] position, int[] strides) {
        int at = 0;
        for (int axis = 0; axis < strides.length; axis++) {
            at += position[axis] * strides[axis];
        }
        return at;
    }

    /**
     * For every position of {@code shape} along the given axes, the step it makes in {@code shape}.
     */
    static int[] steps(Shape shape, Axes axes) {
        int[] strides = shape.strides();
        var part = shape.select(axes);
        var steps = new int[part.length()];
        each(
                part,
                (index, p) -> {
                    for (int k = 0; k < p.length; k++) {
                        steps[index] += p[k] * strides[axes.get(k)];
                    }
                });
        return steps;
    }
}
