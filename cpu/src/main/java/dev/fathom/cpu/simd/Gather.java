package dev.fathom.cpu.simd;

/**
 * Taking elements by position along one axis, and its transpose, adding into positions.
 *
 * <p>Arrays are row-major: an operand of shape {@code (batch, outer, size, inner)}, positions of
 * shape {@code (batch, count)} in {@code 0 .. size-1}, and a result of shape {@code (batch, outer,
 * count, inner)}. Positions are checked before anything is moved.
 */
public final class Gather {

    /** A position outside its axis: the data's fault, unlike any other index that does not fit. */
    public static final class PositionException extends IndexOutOfBoundsException {
        private static final long serialVersionUID = 1L;

        PositionException(String message) {
            super(message);
        }
    }

    private Gather() {}

    /**
     * Checks positions and narrows them to {@code int}.
     *
     * @throws PositionException if one is negative or not below {@code size}
     */
    public static void narrow(long[] x, int xo, int[] y, int yo, int n, int size) {
        for (int i = 0; i < n; i++) {
            long index = x[xo + i];
            if (index < 0 || index >= size) {
                throw outOfBounds(index, i, size);
            }
            y[yo + i] = (int) index;
        }
    }

    /**
     * Checks positions.
     *
     * @throws PositionException if one is negative or not below {@code size}
     */
    public static void check(int[] index, int io, int n, int size) {
        for (int i = 0; i < n; i++) {
            int at = index[io + i];
            if (at < 0 || at >= size) {
                throw outOfBounds(at, i, size);
            }
        }
    }

    private static PositionException outOfBounds(long index, int position, int size) {
        return new PositionException(
                "index %d at position %d is outside an axis of size %d; indices must be 0 to %d"
                        .formatted(index, position, size, size - 1));
    }

    /**
     * {@code y[b, p, i, s] = x[b, p, index[b, i], s]}.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void take(
            float[] x,
            int xo,
            int[] index,
            int io,
            float[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * size * inner;
                int to = yo + (b * outer + p) * count * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + i] = x[from + index[ib + i]];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = from + index[ib + i] * inner;
                        System.arraycopy(x, at, y, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, i, s] = x[b, p, index[b, i], s]}.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void take(
            double[] x,
            int xo,
            int[] index,
            int io,
            double[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * size * inner;
                int to = yo + (b * outer + p) * count * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + i] = x[from + index[ib + i]];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = from + index[ib + i] * inner;
                        System.arraycopy(x, at, y, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, i, s] = x[b, p, index[b, i], s]}.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void take(
            int[] x,
            int xo,
            int[] index,
            int io,
            int[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * size * inner;
                int to = yo + (b * outer + p) * count * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + i] = x[from + index[ib + i]];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = from + index[ib + i] * inner;
                        System.arraycopy(x, at, y, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, i, s] = x[b, p, index[b, i], s]}.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void take(
            long[] x,
            int xo,
            int[] index,
            int io,
            long[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * size * inner;
                int to = yo + (b * outer + p) * count * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + i] = x[from + index[ib + i]];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = from + index[ib + i] * inner;
                        System.arraycopy(x, at, y, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, i, s] = x[b, p, index[b, i], s]}.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void take(
            byte[] x,
            int xo,
            int[] index,
            int io,
            byte[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * size * inner;
                int to = yo + (b * outer + p) * count * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + i] = x[from + index[ib + i]];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = from + index[ib + i] * inner;
                        System.arraycopy(x, at, y, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, i, s] = x[b, p, index[b, i], s]}.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void take(
            short[] x,
            int xo,
            int[] index,
            int io,
            short[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * size * inner;
                int to = yo + (b * outer + p) * count * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + i] = x[from + index[ib + i]];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = from + index[ib + i] * inner;
                        System.arraycopy(x, at, y, to + i * inner, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, index[b, i], s] += x[b, p, i, s]}, in the order of {@code i}, so that repeated
     * positions give the same bits every time.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void scatterAdd(
            float[] x,
            int xo,
            int[] index,
            int io,
            float[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * count * inner;
                int to = yo + (b * outer + p) * size * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + index[ib + i]] += x[from + i];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = to + index[ib + i] * inner;
                        FloatElementwise.add(y, at, x, from + i * inner, y, at, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, index[b, i], s] += x[b, p, i, s]}, in the order of {@code i}, so that repeated
     * positions give the same bits every time.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void scatterAdd(
            double[] x,
            int xo,
            int[] index,
            int io,
            double[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * count * inner;
                int to = yo + (b * outer + p) * size * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + index[ib + i]] += x[from + i];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = to + index[ib + i] * inner;
                        DoubleElementwise.add(y, at, x, from + i * inner, y, at, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, index[b, i], s] += x[b, p, i, s]}, in the order of {@code i}, so that repeated
     * positions give the same bits every time.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void scatterAdd(
            int[] x,
            int xo,
            int[] index,
            int io,
            int[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * count * inner;
                int to = yo + (b * outer + p) * size * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + index[ib + i]] += x[from + i];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = to + index[ib + i] * inner;
                        IntElementwise.add(y, at, x, from + i * inner, y, at, inner);
                    }
                }
            }
        }
    }

    /**
     * {@code y[b, p, index[b, i], s] += x[b, p, i, s]}, in the order of {@code i}, so that repeated
     * positions give the same bits every time.
     *
     * @throws PositionException if a position is negative or not below {@code size}
     */
    public static void scatterAdd(
            long[] x,
            int xo,
            int[] index,
            int io,
            long[] y,
            int yo,
            int batch,
            int outer,
            int size,
            int count,
            int inner) {
        check(index, io, batch * count, size);
        for (int b = 0; b < batch; b++) {
            int ib = io + b * count;
            for (int p = 0; p < outer; p++) {
                int from = xo + (b * outer + p) * count * inner;
                int to = yo + (b * outer + p) * size * inner;
                if (inner == 1) {
                    for (int i = 0; i < count; i++) {
                        y[to + index[ib + i]] += x[from + i];
                    }
                } else {
                    for (int i = 0; i < count; i++) {
                        int at = to + index[ib + i] * inner;
                        LongElementwise.add(y, at, x, from + i * inner, y, at, inner);
                    }
                }
            }
        }
    }
}
