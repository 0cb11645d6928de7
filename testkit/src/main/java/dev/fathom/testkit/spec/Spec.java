package dev.fathom.testkit.spec;

import dev.fathom.core.op.Primitive;
import dev.fathom.core.tensor.DType;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The row of one primitive.
 *
 * @param primitive its record
 * @param dtypes the dtypes its type rule accepts for the operands that follow the case
 * @param accuracy how far backends may differ
 * @param cases attributes and operands
 */
public record Spec(
        Class<? extends Primitive> primitive,
        Set<DType> dtypes,
        Accuracy accuracy,
        List<Case> cases) {

    /** float32 and float64. */
    static final Set<DType> REAL = EnumSet.of(DType.FLOAT32, DType.FLOAT64);

    /** All with arithmetic. */
    static final Set<DType> NUMBER = EnumSet.complementOf(EnumSet.of(DType.BOOL, DType.BFLOAT16));

    /** int32 and int64. */
    static final Set<DType> WHOLE = EnumSet.of(DType.INT32, DType.INT64);

    /** bool alone. */
    static final Set<DType> TRUTH = EnumSet.of(DType.BOOL);

    /** Every dtype. */
    static final Set<DType> ANY = EnumSet.allOf(DType.class);

    /** float64 alone, for primitives whose operands have types of their own. */
    static final Set<DType> OWN = EnumSet.of(DType.FLOAT64);

    /**
     * How far two backends may be apart, in float32 and float64 results; all others must agree
     * exactly.
     */
    public enum Accuracy {
        /** Not at all: elements are moved or chosen, or the operation is one IEEE operation. */
        EXACT(0, 0),
        /** By three units in the last place of each element. */
        FUNCTION(4e-7, 8e-16),
        /** Sums in another order: relative to the largest element. */
        SUM(4e-6, 1e-13),
        /** Factorisations: relative to the largest element. */
        SOLVE(2e-4, 1e-10);

        private final double single;
        private final double twofold;

        Accuracy(double single, double twofold) {
            this.single = single;
            this.twofold = twofold;
        }

        /**
         * Relative to the element for {@link #FUNCTION}, else to the largest element of the result.
         */
        public double relative(DType dtype) {
            return switch (dtype) {
                case FLOAT32 -> single;
                case FLOAT64 -> twofold;
                case INT32, INT64, BOOL, BFLOAT16 -> 0;
            };
        }
    }

    /** A row. */
    static Spec of(
            Class<? extends Primitive> primitive,
            Set<DType> dtypes,
            Accuracy accuracy,
            Case... cases) {
        return new Spec(primitive, dtypes, accuracy, List.of(cases));
    }

    /** The primitive's name. */
    public String name() {
        return primitive.getSimpleName();
    }

    @Override
    public String toString() {
        return name();
    }
}
