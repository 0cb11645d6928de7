package dev.fathom.testkit.spec;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.BFloat16;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One operand of a {@link Case}.
 *
 * @param shape its shape
 * @param domain its elements
 * @param fixed its dtype where it does not follow the case's: conditions and indices
 */
public record Operand(Shape shape, Domain domain, Optional<DType> fixed) {

    /** An operand of the dtype that is being tested. */
    public static Operand of(Domain domain, int... shape) {
        return new Operand(Shape.of(shape), domain, Optional.empty());
    }

    /** A standard normal operand. */
    public static Operand normal(int... shape) {
        return of(Domain.normal(), shape);
    }

    /** int32 numbers {@code 0 .. n − 1}. */
    public static Operand indices(int n, int... shape) {
        return new Operand(Shape.of(shape), Domain.whole(0, n), Optional.of(DType.INT32));
    }

    /** A bool operand. */
    public static Operand truth(int... shape) {
        return new Operand(Shape.of(shape), Domain.normal(), Optional.of(DType.BOOL));
    }

    /** Its type in a test of {@code dtype}. */
    public TensorType type(DType dtype) {
        return new TensorType(shape, fixed.orElse(dtype));
    }

    /**
     * Its value in a test of {@code dtype}. Whole numbers are four times the domain's, so that they
     * differ.
     */
    public Tensor sample(DType dtype, RandomGenerator random) {
        var v = domain.sample(random, shape);
        if (fixed.isEmpty() && dtype.isInteger()) {
            for (int i = 0; i < v.length; i++) {
                v[i] = Math.rint(4 * v[i]);
            }
        }
        return tensor(type(dtype), v);
    }

    /** A tensor of the given elements, converted as Java's casts do; bool is "greater than 0". */
    public static Tensor tensor(TensorType type, double... v) {
        var memory = HostBuffer.allocate(type.dtype(), v.length);
        for (int i = 0; i < v.length; i++) {
            switch (memory.array()) {
                case float[] a -> a[i] = (float) v[i];
                case double[] a -> a[i] = v[i];
                case int[] a -> a[i] = (int) v[i];
                case long[] a -> a[i] = (long) v[i];
                case byte[] a -> a[i] = (byte) (v[i] > 0 ? 1 : 0);
                case short[] a -> a[i] = BFloat16.of((float) v[i]);
                case Object o -> throw new AssertionError("unknown memory " + o.getClass());
            }
        }
        return Array.of(type, memory);
    }
}
