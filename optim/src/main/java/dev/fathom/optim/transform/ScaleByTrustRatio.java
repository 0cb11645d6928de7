package dev.fathom.optim.transform;

import dev.fathom.core.math.Functions;
import dev.fathom.core.op.Ops;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.Map;

/**
 * u = g · ‖w‖ / ‖g‖ for each leaf, so that every layer moves by the same fraction of its size; u =
 * g where either norm is 0. Y. You et al., "Large batch optimization for deep learning: training
 * BERT in 76 minutes", ICLR 2020, algorithm 2 with φ the identity.
 */
public record ScaleByTrustRatio() implements PerLeaf {

    @Override
    public String name() {
        return "trustRatio";
    }

    @Override
    public Map<String, TensorType> slots(TensorType leaf) {
        return Map.of();
    }

    @Override
    public Tensor update(Tensor g, Tensor w, Memory memory) {
        Tensor size = w.square().sum().sqrt();
        Tensor length = g.square().sum().sqrt();
        Tensor zero = Ops.zeros(size.type());
        Tensor one = Ops.full(size.type(), 1);
        Tensor usable = Functions.and(size.greaterThan(zero), length.greaterThan(zero));
        Tensor safe = Functions.where(usable, length, one);
        return g.times(Functions.where(usable, size.dividedBy(safe), one));
    }
}
