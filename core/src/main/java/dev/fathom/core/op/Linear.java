package dev.fathom.core.op;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.List;

/**
 * An operation that is linear in some of its operands, each by itself (a product) or together (a
 * sum). It states the transpose; reverse mode is made of nothing else. The permits list is worth
 * reading: these are all the linear maps there are.
 */
public sealed interface Linear extends Single
        permits Elementwise.Neg,
                Elementwise.Add,
                Elementwise.Sub,
                Elementwise.Mul,
                Elementwise.Div,
                Elementwise.Select,
                Elementwise.Cast,
                Reduction.Sum,
                Reduction.CumSum,
                Structural.Reshape,
                Structural.Transpose,
                Structural.Broadcast,
                Structural.Slice,
                Structural.Pad,
                Structural.Concatenate,
                Structural.Reverse,
                Indexing.DynamicSlice,
                Indexing.DynamicUpdate,
                Indexing.Gather,
                Indexing.ScatterAdd,
                Contraction.Dot,
                Contraction.Conv,
                Contraction.ConvInput,
                Contraction.ConvKernel,
                Contraction.ConvKernels,
                Window.SumPool,
                Window.Spread,
                Window.Pick,
                Window.Unpick,
                Solving.TriangularSolve,
                Solving.Solve {

    /**
     * The cotangent of operand {@code i} given that of the result: for y = A x it is Aᵀ ct.
     *
     * @param ct cotangent of the result
     * @param x the operands; those in which the operation is being transposed are unknown
     * @param in the types of all operands
     */
    Tensor transpose(int i, Tensor ct, Args x, List<TensorType> in);

    /** Linear in {@code i} with the others fixed: the derivative is the operation itself. */
    @Override
    default Tensor tangent(int i, Tensor dx, Args x, Tensor y) {
        return Ops.bind(this, x.with(i, dx));
    }
}
