package dev.fathom.core.op;

import dev.fathom.core.op.Elementwise.Order;
import dev.fathom.core.tensor.Tensor;

/** How max and min share a derivative between their operands. */
final class Ties {
    private Ties() {}

    /** 1 where {@code mine} wins, ½ at a tie, 0 where it loses. */
    static Tensor share(Tensor mine, Tensor other, Order wins) {
        var type = mine.type();
        var losing = Ops.select(mine.equalTo(other), Ops.full(type, 0.5), Ops.full(type, 0));
        return Ops.select(
                Ops.bind(new Elementwise.Compare(wins), mine, other), Ops.full(type, 1), losing);
    }
}
