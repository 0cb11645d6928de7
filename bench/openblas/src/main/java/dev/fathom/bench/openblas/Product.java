package dev.fathom.bench.openblas;

import dev.fathom.bench.measure.Steps;
import dev.fathom.core.tensor.Tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** One product over and over, into the same memory. */
final class Product implements Steps {
    private static final int LINE = 64;

    private final Gemm gemm;
    private final int m;
    private final int n;
    private final int k;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment c;

    Product(Gemm gemm, Map<String, Tensor> problem) {
        this.gemm = gemm;
        var first = problem.get("a");
        var second = problem.get("b");
        m = first.dim(0);
        k = first.dim(1);
        n = second.dim(1);
        a = outside(first.toFloats());
        b = outside(second.toFloats());
        c = outside(new float[m * n]);
    }

    private static MemorySegment outside(float[] values) {
        var memory = Arena.global().allocate((long) Float.BYTES * values.length, LINE);
        return memory.copyFrom(MemorySegment.ofArray(values));
    }

    @Override
    public void step(long i) {
        try {
            gemm.run(m, n, k, a, b, c);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public double value() {
        double sum = 0;
        for (float x : c.toArray(ValueLayout.JAVA_FLOAT)) {
            sum += (double) x * x;
        }
        return Math.sqrt(sum / ((double) m * n));
    }
}
