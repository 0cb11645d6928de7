package dev.fathom.cpu.plan;

import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.cpu.plan.ElementKernels.Kernel;
import dev.fathom.cpu.simd.BoolElementwise;

/** Elementwise kernels on bools. */
final class BoolKernels {
    static final Kernel NOT =
            (x, at, y, to, n) -> BoolElementwise.not((byte[]) x[0], at[0], (byte[]) y, to, n);
    static final Kernel AND =
            (x, at, y, to, n) ->
                    BoolElementwise.and(
                            (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
    static final Kernel OR =
            (x, at, y, to, n) ->
                    BoolElementwise.or(
                            (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
    static final Kernel SELECT =
            (x, at, y, to, n) ->
                    BoolElementwise.select(
                            (byte[]) x[0],
                            at[0],
                            (byte[]) x[1],
                            at[1],
                            (byte[]) x[2],
                            at[2],
                            (byte[]) y,
                            to,
                            n);

    private BoolKernels() {}

    static Kernel compare(Order order) {
        return switch (order) {
            case EQUAL ->
                    (x, at, y, to, n) ->
                            BoolElementwise.eq(
                                    (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
            case NOT_EQUAL ->
                    (x, at, y, to, n) ->
                            BoolElementwise.ne(
                                    (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
            case LESS ->
                    (x, at, y, to, n) ->
                            BoolElementwise.lt(
                                    (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
            case LESS_EQUAL ->
                    (x, at, y, to, n) ->
                            BoolElementwise.le(
                                    (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
            case GREATER ->
                    (x, at, y, to, n) ->
                            BoolElementwise.gt(
                                    (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
            case GREATER_EQUAL ->
                    (x, at, y, to, n) ->
                            BoolElementwise.ge(
                                    (byte[]) x[0], at[0], (byte[]) x[1], at[1], (byte[]) y, to, n);
        };
    }
}
