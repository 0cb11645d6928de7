package dev.fathom.cli.machine;

import dev.fathom.core.random.Key;
import dev.fathom.core.spi.Backends;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.Transforms;
import dev.fathom.core.transform.Transforms.Pair;

/**
 * The speed of a matrix product.
 *
 * @param size rows and columns of each matrix
 * @param repeats how often it was timed
 * @param gigaflops 10⁹ multiplications and additions a second, the best of all repeats
 */
public record Gemm(int size, int repeats, double gigaflops) {
    private static final int LARGE = 1024;
    private static final int SMALL = 128;
    private static final double WARM_UP_SECONDS = 1;
    private static final double SECONDS = 2;
    private static final String REFERENCE = "reference";

    /** Times the product of two float32 matrices for about two seconds, after a warm-up. */
    public static Gemm measure() {
        // plain loops would need minutes for the large product
        boolean slow = Backends.current().name().equals(REFERENCE);
        of(SMALL, WARM_UP_SECONDS);
        return of(slow ? SMALL : LARGE, SECONDS);
    }

    private static Gemm of(int size, double seconds) {
        var keys = Key.of(0).split(2);
        var operands = new Pair<>(keys[0].uniform(size, size), keys[1].uniform(size, size));
        var product = Transforms.jit((Pair<Tensor, Tensor> p) -> p.first().matmul(p.second()));
        double best = Double.POSITIVE_INFINITY;
        double total = 0;
        int repeats = 0;
        product.apply(operands);
        do {
            long start = System.nanoTime();
            product.apply(operands);
            double elapsed = (System.nanoTime() - start) / 1e9;
            best = Math.min(best, elapsed);
            total += elapsed;
            repeats++;
        } while (total < seconds);
        return new Gemm(size, repeats, 2.0 * size * size * size / best / 1e9);
    }
}
