package dev.fathom.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms of Winograd's minimal filtering F(4, 3) along one axis, and their transposes, in
 * {@code float}: with six products in place of twelve,
 *
 * <pre>y = A' ((G g) * (B' d))        y 4 results, g 3 taps, d 6 elements, * by elements
 * </pre>
 *
 * is the correlation {@code y[i] = sum over j of d[i + j] g[j]}. Over an image each transform is
 * used along both axes: 36 products in place of 144 (Winograd 1980; Lavin and Gray 2016, section
 * 4). G, B' and A' come from evaluating polynomials at 0, ±a, ±b and infinity (Toom and Cook); we
 * take a = 3/4 and b = 3/2 where Lavin and Gray have 1 and 2. All entries but those of G are exact
 * in binary, and the rounding error is that of the direct sum times 2 to 3 for results and times
 * 1.5 for the gradient of the taps, instead of 4 to 5 and 3 (measured:
 * docs/design/0013-winograd.md).
 *
 * <p>Down its columns a tile is transformed with all that are beside it, whole rows of the image at
 * a time in the order of memory; across its rows by itself, from or to 36 planes. Each way has a
 * loop of its own: C2 takes the checks out of one because of its index, and needs the constants of
 * the other. Taps and their gradients have one general method for both: it transforms {@code count}
 * groups of vectors; element i of group n is read at {@code from + i * step + n * next} and written
 * at {@code to + i * stepTo + n * nextTo}.
 */
final class WinogradF32 {
    /** Results of a tile along one axis. */
    static final int OUT = 4;

    /** Elements that a tile reads along one axis, and products that it takes. */
    static final int IN = 6;

    /** Elements of what is transformed that a plane has room for. */
    static final int ROOM = 4096;

    /**
     * From one plane to the next, a constant for the sake of the code: with a line of the cache
     * between them, else all 36 would meet in one set.
     */
    static final int PLANE = ROOM + 16;

    private static final VectorSpecies<Float> S = Width.F32;
    private static final int L = S.length();
    private static final Class<FloatVector> V = Width.kind(S);
    private static final FloatVector ZERO = FloatVector.zero(S);

    private static final float A = 0.75f;
    private static final float B = 1.5f;
    private static final float A2 = A * A;
    private static final float B2 = B * B;
    private static final float A2B2 = A2 * B2;

    /** 1 / product of the distances of 0, ±a and ±b from the other finite points. */
    private static final float AT_0 = 1 / A2B2;

    private static final float AT_A = 1 / (2 * A2 * (A2 - B2));
    private static final float AT_B = 1 / (2 * B2 * (B2 - A2));

    private WinogradF32() {}

    /**
     * B' d down six rows of an image, which begin at {@code from} and every {@code step}: element i
     * of each for i below {@code length}, to the rows of t that begin at {@code to} and every
     * {@code stepTo}.
     */
    static void imageDown(
            int length, float[] d, int from, int step, float[] t, int to, int stepTo) {
        int from1 = from + step;
        int from2 = from + 2 * step;
        int from3 = from + 3 * step;
        int from4 = from + 4 * step;
        int from5 = from + 5 * step;
        int to1 = to + stepTo;
        int to2 = to + 2 * stepTo;
        int to3 = to + 3 * stepTo;
        int to4 = to + 4 * stepTo;
        int to5 = to + 5 * stepTo;
        for (int i = 0; i < length; i += L) {
            FloatVector d0 = V.cast(FloatVector.fromArray(S, d, from + i));
            FloatVector d1 = V.cast(FloatVector.fromArray(S, d, from1 + i));
            FloatVector d2 = V.cast(FloatVector.fromArray(S, d, from2 + i));
            FloatVector d3 = V.cast(FloatVector.fromArray(S, d, from3 + i));
            FloatVector d4 = V.cast(FloatVector.fromArray(S, d, from4 + i));
            FloatVector d5 = V.cast(FloatVector.fromArray(S, d, from5 + i));
            FloatVector evenA = d2.fma(ZERO.broadcast(-B2), d4);
            FloatVector oddA = d1.fma(ZERO.broadcast(-B2), d3);
            FloatVector evenB = d2.fma(ZERO.broadcast(-A2), d4);
            FloatVector oddB = d1.fma(ZERO.broadcast(-A2), d3);
            FloatVector zero = d2.fma(ZERO.broadcast(-(A2 + B2)), d4);
            FloatVector last = d3.fma(ZERO.broadcast(-(A2 + B2)), d5);
            d0.fma(ZERO.broadcast(A2B2), zero).intoArray(t, to + i);
            oddA.fma(ZERO.broadcast(A), evenA).intoArray(t, to1 + i);
            oddA.fma(ZERO.broadcast(-A), evenA).intoArray(t, to2 + i);
            oddB.fma(ZERO.broadcast(B), evenB).intoArray(t, to3 + i);
            oddB.fma(ZERO.broadcast(-B), evenB).intoArray(t, to4 + i);
            d1.fma(ZERO.broadcast(A2B2), last).intoArray(t, to5 + i);
        }
    }

    /**
     * B' d across the six rows of t that begin at {@code from} and every {@code next}: a vector of
     * each of six columns, {@code step} from each other, to the same place {@code to} of all
     * planes.
     */
    static void imageAcross(float[] t, int from, int step, int next, float[] v, int to) {
        for (int n = 0; n < IN; n++) {
            int at = from + n * next;
            FloatVector d0 = V.cast(FloatVector.fromArray(S, t, at));
            FloatVector d1 = V.cast(FloatVector.fromArray(S, t, at + step));
            FloatVector d2 = V.cast(FloatVector.fromArray(S, t, at + 2 * step));
            FloatVector d3 = V.cast(FloatVector.fromArray(S, t, at + 3 * step));
            FloatVector d4 = V.cast(FloatVector.fromArray(S, t, at + 4 * step));
            FloatVector d5 = V.cast(FloatVector.fromArray(S, t, at + 5 * step));
            FloatVector evenA = d2.fma(ZERO.broadcast(-B2), d4);
            FloatVector oddA = d1.fma(ZERO.broadcast(-B2), d3);
            FloatVector evenB = d2.fma(ZERO.broadcast(-A2), d4);
            FloatVector oddB = d1.fma(ZERO.broadcast(-A2), d3);
            FloatVector zero = d2.fma(ZERO.broadcast(-(A2 + B2)), d4);
            FloatVector last = d3.fma(ZERO.broadcast(-(A2 + B2)), d5);
            int out = to + n * (IN * PLANE);
            d0.fma(ZERO.broadcast(A2B2), zero).intoArray(v, out);
            oddA.fma(ZERO.broadcast(A), evenA).intoArray(v, out + PLANE);
            oddA.fma(ZERO.broadcast(-A), evenA).intoArray(v, out + 2 * PLANE);
            oddB.fma(ZERO.broadcast(B), evenB).intoArray(v, out + 3 * PLANE);
            oddB.fma(ZERO.broadcast(-B), evenB).intoArray(v, out + 4 * PLANE);
            d1.fma(ZERO.broadcast(A2B2), last).intoArray(v, out + 5 * PLANE);
        }
    }

    /**
     * A' m across: six columns of products to four of results, in each of six rows. A vector at the
     * place {@code from} of all planes, to the columns {@code step} from each other in the rows of
     * t that begin at {@code to} and every {@code next}.
     */
    static void resultsAcross(float[] m, int from, float[] t, int to, int step, int next) {
        for (int n = 0; n < IN; n++) {
            int at = from + n * (IN * PLANE);
            FloatVector m1 = V.cast(FloatVector.fromArray(S, m, at + PLANE));
            FloatVector m2 = V.cast(FloatVector.fromArray(S, m, at + 2 * PLANE));
            FloatVector m3 = V.cast(FloatVector.fromArray(S, m, at + 3 * PLANE));
            FloatVector m4 = V.cast(FloatVector.fromArray(S, m, at + 4 * PLANE));
            FloatVector evenA = m1.add(m2);
            FloatVector oddA = m1.sub(m2);
            FloatVector evenB = m3.add(m4);
            FloatVector oddB = m3.sub(m4);
            int out = to + n * next;
            V.cast(FloatVector.fromArray(S, m, at)).add(evenA).add(evenB).intoArray(t, out);
            oddA.mul(A).add(oddB.mul(B)).intoArray(t, out + step);
            evenA.mul(A2).add(evenB.mul(B2)).intoArray(t, out + 2 * step);
            oddA.mul(A2 * A)
                    .add(oddB.mul(B2 * B))
                    .add(V.cast(FloatVector.fromArray(S, m, at + 5 * PLANE)))
                    .intoArray(t, out + 3 * step);
        }
    }

    /**
     * A' m down: six rows of t, from its beginning and every {@code step}, to four rows of an image
     * that begin at {@code to} and every {@code stepTo}: element i of each for i below {@code
     * length}.
     */
    static void resultsDown(int length, float[] t, int step, float[] y, int to, int stepTo) {
        int from2 = 2 * step;
        int from3 = 3 * step;
        int from4 = 4 * step;
        int from5 = 5 * step;
        int to1 = to + stepTo;
        int to2 = to + 2 * stepTo;
        int to3 = to + 3 * stepTo;
        for (int i = 0; i < length; i += L) {
            FloatVector m1 = V.cast(FloatVector.fromArray(S, t, step + i));
            FloatVector m2 = V.cast(FloatVector.fromArray(S, t, from2 + i));
            FloatVector m3 = V.cast(FloatVector.fromArray(S, t, from3 + i));
            FloatVector m4 = V.cast(FloatVector.fromArray(S, t, from4 + i));
            FloatVector evenA = m1.add(m2);
            FloatVector oddA = m1.sub(m2);
            FloatVector evenB = m3.add(m4);
            FloatVector oddB = m3.sub(m4);
            V.cast(FloatVector.fromArray(S, t, i)).add(evenA).add(evenB).intoArray(y, to + i);
            oddA.mul(A).add(oddB.mul(B)).intoArray(y, to1 + i);
            evenA.mul(A2).add(evenB.mul(B2)).intoArray(y, to2 + i);
            oddA.mul(A2 * A)
                    .add(oddB.mul(B2 * B))
                    .add(V.cast(FloatVector.fromArray(S, t, from5 + i)))
                    .intoArray(y, to3 + i);
        }
    }

    /** A y, the transpose of {@link #resultsDown}, down four rows: as {@link #imageDown}. */
    static void resultsGradientDown(
            int length, float[] y, int from, int step, float[] t, int to, int stepTo) {
        int from1 = from + step;
        int from2 = from + 2 * step;
        int from3 = from + 3 * step;
        int to1 = to + stepTo;
        int to2 = to + 2 * stepTo;
        int to3 = to + 3 * stepTo;
        int to4 = to + 4 * stepTo;
        int to5 = to + 5 * stepTo;
        for (int i = 0; i < length; i += L) {
            FloatVector y0 = V.cast(FloatVector.fromArray(S, y, from + i));
            FloatVector y1 = V.cast(FloatVector.fromArray(S, y, from1 + i));
            FloatVector y2 = V.cast(FloatVector.fromArray(S, y, from2 + i));
            FloatVector y3 = V.cast(FloatVector.fromArray(S, y, from3 + i));
            FloatVector evenA = y2.fma(ZERO.broadcast(A2), y0);
            FloatVector oddA = y3.fma(ZERO.broadcast(A2), y1);
            FloatVector evenB = y2.fma(ZERO.broadcast(B2), y0);
            FloatVector oddB = y3.fma(ZERO.broadcast(B2), y1);
            V.cast(y0).intoArray(t, to + i);
            oddA.fma(ZERO.broadcast(A), evenA).intoArray(t, to1 + i);
            oddA.fma(ZERO.broadcast(-A), evenA).intoArray(t, to2 + i);
            oddB.fma(ZERO.broadcast(B), evenB).intoArray(t, to3 + i);
            oddB.fma(ZERO.broadcast(-B), evenB).intoArray(t, to4 + i);
            V.cast(y3).intoArray(t, to5 + i);
        }
    }

    /** A y across six rows, four columns to six: as {@link #imageAcross}. */
    static void resultsGradientAcross(float[] t, int from, int step, int next, float[] z, int to) {
        for (int n = 0; n < IN; n++) {
            int at = from + n * next;
            FloatVector y0 = V.cast(FloatVector.fromArray(S, t, at));
            FloatVector y1 = V.cast(FloatVector.fromArray(S, t, at + step));
            FloatVector y2 = V.cast(FloatVector.fromArray(S, t, at + 2 * step));
            FloatVector y3 = V.cast(FloatVector.fromArray(S, t, at + 3 * step));
            FloatVector evenA = y2.fma(ZERO.broadcast(A2), y0);
            FloatVector oddA = y3.fma(ZERO.broadcast(A2), y1);
            FloatVector evenB = y2.fma(ZERO.broadcast(B2), y0);
            FloatVector oddB = y3.fma(ZERO.broadcast(B2), y1);
            int out = to + n * (IN * PLANE);
            V.cast(y0).intoArray(z, out);
            oddA.fma(ZERO.broadcast(A), evenA).intoArray(z, out + PLANE);
            oddA.fma(ZERO.broadcast(-A), evenA).intoArray(z, out + 2 * PLANE);
            oddB.fma(ZERO.broadcast(B), evenB).intoArray(z, out + 3 * PLANE);
            oddB.fma(ZERO.broadcast(-B), evenB).intoArray(z, out + 4 * PLANE);
            V.cast(y3).intoArray(z, out + 5 * PLANE);
        }
    }

    /** G g: three taps. */
    static void taps(
            int count,
            float[] g,
            int from,
            int step,
            int next,
            float[] t,
            int to,
            int stepTo,
            int nextTo) {
        for (int n = 0; n < count; n++) {
            int at = from + n * next;
            FloatVector g0 = V.cast(FloatVector.fromArray(S, g, at));
            FloatVector g1 = V.cast(FloatVector.fromArray(S, g, at + step));
            FloatVector g2 = V.cast(FloatVector.fromArray(S, g, at + 2 * step));
            FloatVector evenA = g2.fma(ZERO.broadcast(A2), g0).mul(AT_A);
            FloatVector evenB = g2.fma(ZERO.broadcast(B2), g0).mul(AT_B);
            int out = to + n * nextTo;
            g0.mul(AT_0).intoArray(t, out);
            g1.fma(ZERO.broadcast(A * AT_A), evenA).intoArray(t, out + stepTo);
            g1.fma(ZERO.broadcast(-A * AT_A), evenA).intoArray(t, out + 2 * stepTo);
            g1.fma(ZERO.broadcast(B * AT_B), evenB).intoArray(t, out + 3 * stepTo);
            g1.fma(ZERO.broadcast(-B * AT_B), evenB).intoArray(t, out + 4 * stepTo);
            V.cast(g2).intoArray(t, out + 5 * stepTo);
        }
    }

    /** G' u: the transpose of {@link #taps}. */
    static void tapsGradient(
            int count,
            float[] u,
            int from,
            int step,
            int next,
            float[] t,
            int to,
            int stepTo,
            int nextTo) {
        for (int n = 0; n < count; n++) {
            int at = from + n * next;
            FloatVector u1 = V.cast(FloatVector.fromArray(S, u, at + step));
            FloatVector u2 = V.cast(FloatVector.fromArray(S, u, at + 2 * step));
            FloatVector u3 = V.cast(FloatVector.fromArray(S, u, at + 3 * step));
            FloatVector u4 = V.cast(FloatVector.fromArray(S, u, at + 4 * step));
            FloatVector evenA = u1.add(u2).mul(AT_A);
            FloatVector evenB = u3.add(u4).mul(AT_B);
            FloatVector oddA = u1.sub(u2).mul(A * AT_A);
            FloatVector oddB = u3.sub(u4).mul(B * AT_B);
            int out = to + n * nextTo;
            V.cast(FloatVector.fromArray(S, u, at))
                    .mul(AT_0)
                    .add(evenA)
                    .add(evenB)
                    .intoArray(t, out);
            oddA.add(oddB).intoArray(t, out + stepTo);
            evenA.mul(A2)
                    .add(evenB.mul(B2))
                    .add(V.cast(FloatVector.fromArray(S, u, at + 5 * step)))
                    .intoArray(t, out + 2 * stepTo);
        }
    }
}
