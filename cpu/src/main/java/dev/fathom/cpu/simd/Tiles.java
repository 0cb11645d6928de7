package dev.fathom.cpu.simd;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vector loads and stores that stop at the end of a tile.
 *
 * <p>A kernel with a long body calls them so that the body appears once in the loop. Two copies,
 * one for whole vectors and one for the tail, would double the graph C2 has to optimise, and a
 * rarely run tail is not inlined: its vectors are then boxed, at a microsecond and a few hundred
 * bytes a call. A masked load on every step instead costs a quarter more.
 */
final class Tiles {

    private static final VectorSpecies<Float> F32 = Width.F32;
    private static final VectorSpecies<Double> F64 = Width.F64;
    private static final Class<FloatVector> V32 = Width.kind(F32);
    private static final Class<DoubleVector> V64 = Width.kind(F64);

    private Tiles() {}

    /** {@code x[at ..)}, the lanes from {@code left} on being 0. */
    static FloatVector load(float[] x, int at, int left) {
        return left >= F32.length()
                ? V32.cast(FloatVector.fromArray(F32, x, at))
                : V32.cast(FloatVector.fromArray(F32, x, at, F32.indexInRange(0, left)));
    }

    /** Writes the first {@code left} lanes to {@code y[at ..)}. */
    static void store(FloatVector v, float[] y, int at, int left) {
        if (left >= F32.length()) {
            v.intoArray(y, at);
        } else {
            v.intoArray(y, at, F32.indexInRange(0, left));
        }
    }

    /** {@code x[at ..)}, the lanes from {@code left} on being 0. */
    static DoubleVector load(double[] x, int at, int left) {
        return left >= F64.length()
                ? V64.cast(DoubleVector.fromArray(F64, x, at))
                : V64.cast(DoubleVector.fromArray(F64, x, at, F64.indexInRange(0, left)));
    }

    /** Writes the first {@code left} lanes to {@code y[at ..)}. */
    static void store(DoubleVector v, double[] y, int at, int left) {
        if (left >= F64.length()) {
            v.intoArray(y, at);
        } else {
            v.intoArray(y, at, F64.indexInRange(0, left));
        }
    }
}
