package dev.fathom.cpu.simd;

/** Checks of the arguments of matrix products, in 64-bit arithmetic so that nothing overflows. */
final class GemmCheck {
    private GemmCheck() {}

    static void operands(
            int m,
            int n,
            int k,
            int lengthA,
            int ao,
            int rsA,
            int csA,
            int lengthB,
            int bo,
            int rsB,
            int csB,
            int lengthC,
            int co,
            int rsC) {
        batch(
                1, 1, m, n, k, lengthA, ao, 0, 0, rsA, csA, lengthB, bo, 0, 0, rsB, csB, lengthC,
                co, 0, 0, rsC);
    }

    static void batch(
            int batch,
            int inner,
            int m,
            int n,
            int k,
            int lengthA,
            int ao,
            int gsA,
            int bsA,
            int rsA,
            int csA,
            int lengthB,
            int bo,
            int gsB,
            int bsB,
            int rsB,
            int csB,
            int lengthC,
            int co,
            int gsC,
            int bsC,
            int rsC) {
        if (batch < 0 || m < 0 || n < 0 || k < 0) {
            throw new IllegalArgumentException(
                    "sizes must not be negative: batch %d, m %d, n %d, k %d"
                            .formatted(batch, m, n, k));
        }
        if (batch == 0 || m == 0 || n == 0) {
            return;
        }
        if (inner < 1 || batch % inner != 0) {
            throw new IllegalArgumentException(
                    "groups of %d do not divide %d products".formatted(inner, batch));
        }
        if (m > 1 && rsC < n) {
            throw new IllegalArgumentException(
                    "rows of C overlap: row stride %d with %d columns".formatted(rsC, n));
        }
        if (overlap(n, m, rsC, inner, bsC, batch / inner, gsC)) {
            throw new IllegalArgumentException(
                    "products overlap: batch stride %d with %d rows of stride %d"
                                    .formatted(bsC, m, rsC)
                            + (batch > inner ? ", group stride %d".formatted(gsC) : ""));
        }
        inside("C", lengthC, co, batch / inner, gsC, inner, bsC, m, rsC, n, 1);
        if (k > 0) {
            inside("A", lengthA, ao, batch / inner, gsA, inner, bsA, m, rsA, k, csA);
            inside("B", lengthB, bo, batch / inner, gsB, inner, bsB, k, rsB, n, csB);
        }
    }

    /** Whether rows of {@code n} elements have some in common, whatever lies inside of what. */
    private static boolean overlap(
            int n, int rows, int rs, int products, int bs, int groups, int gs) {
        if (bs < rs) {
            return overlap(n, products, bs, rows, rs, groups, gs);
        }
        if (gs < bs) {
            return overlap(n, rows, rs, groups, gs, products, bs);
        }
        long inner = (rows - 1L) * rs + n;
        long outer = (products - 1L) * bs + inner;
        return (rows > 1 && rs < n) || (products > 1 && bs < inner) || (groups > 1 && gs < outer);
    }

    private static void inside(
            String name,
            int length,
            int offset,
            int groups,
            int gs,
            int batch,
            int bs,
            int rows,
            int rs,
            int columns,
            int cs) {
        if (gs < 0 || bs < 0 || rs < 0 || cs < 0) {
            throw new IllegalArgumentException(
                    "strides of %s must not be negative: group %d, batch %d, row %d, column %d"
                            .formatted(name, gs, bs, rs, cs));
        }
        long first = offset + (groups - 1L) * gs;
        long last = first + (batch - 1L) * bs + (rows - 1L) * rs + (columns - 1L) * cs;
        if (offset < 0 || last >= length) {
            throw new IndexOutOfBoundsException(
                    "%s reaches from element %d to %d of an array of %d"
                            .formatted(name, offset, last, length));
        }
    }
}
