package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Ops;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A product of tensors whose axes have names, summed over some of them: what is called an einsum.
 *
 * <pre>y[b] = Σ_ij x[b, i] δ[b, j] x[b, i] δ[b, j]</pre>
 *
 * @param factors the tensors
 * @param sums the names that are summed over; all others are those of the result
 */
record Product(List<Factor> factors, List<Label> sums) {
    /** Factors that an order is looked for among; there are 3ⁿ pairs of parts to compare. */
    static final int MOST = 6;

    /**
     * A name: the range of an index. One that turns out to be two, the first the slower, is split.
     */
    static final class Label {
        private final int size;
        private List<Label> parts = List.of();

        Label(int size) {
            this.size = size;
        }

        int size() {
            return size;
        }

        /** What it is made of: itself, or its parts; nothing if there is only one index. */
        Stream<Label> resolved() {
            if (!parts.isEmpty()) {
                return parts.stream().flatMap(Label::resolved);
            }
            return size == 1 ? Stream.empty() : Stream.of(this);
        }

        /** Splits it into {@code size / inner} times {@code inner}. */
        void split(int inner) {
            parts = List.of(new Label(size / inner), new Label(inner));
        }
    }

    /** A tensor and the names of its axes; an axis with several is reshaped to have one each. */
    record Factor(Atom atom, List<Label> labels) {
        Factor resolved() {
            return new Factor(atom, Product.resolved(labels));
        }
    }

    static List<Label> resolved(Collection<Label> labels) {
        return labels.stream().flatMap(Label::resolved).toList();
    }

    /** Both, multiplied. */
    Product times(Product other) {
        return new Product(join(factors, other.factors), join(sums, other.sums));
    }

    /** The same, summed over more. */
    Product over(List<Label> more) {
        return new Product(factors, join(sums, more));
    }

    private static <T> List<T> join(List<T> a, List<T> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    /** Elements of all factors. */
    long size() {
        return factors.stream().mapToLong(f -> f.atom().type().shape().size()).sum();
    }

    /** The cheapest order of its products. */
    Order order(List<Label> result) {
        return new Order(this, resolved(result));
    }

    /** An order in which the factors are multiplied, two by two, each index summed when it can. */
    static final class Order {
        /** What reading or writing an element costs, in operations. */
        static final int TRAFFIC = 8;

        private final List<Factor> factors;
        private final List<Label> sums;
        private final List<Label> result;
        private final List<Label> labels;

        /** By set of factors, as bits: names, as bits; cost; the part that is multiplied first. */
        private final long[] kept;

        private final double[] cost;
        private final int[] left;

        private Order(Product product, List<Label> result) {
            this.factors =
                    product.factors().stream()
                            .sorted(Comparator.comparingInt(f -> number(f.atom())))
                            .map(Factor::resolved)
                            .toList(); // so that equal products are equal lines
            this.sums = resolved(product.sums());
            this.result = result;
            var all = this.factors.stream().flatMap(f -> f.labels().stream()).distinct().toList();
            labels = join(those(result, all::contains), those(all, l -> !result.contains(l)));
            int sets = 1 << factors.size();
            kept = new long[sets];
            cost = new double[sets];
            left = new int[sets];
            choose(sets);
        }

        private static int number(Atom x) {
            return switch (x) {
                case Atom.Var v -> v.id();
                case Atom.Constant _ -> -1;
            };
        }

        private void choose(int all) {
            var used = new long[all];
            for (int s = 1; s < all; s++) {
                int one = Integer.lowestOneBit(s);
                int i = Integer.numberOfTrailingZeros(one);
                used[s] = used[s ^ one] | bits(factors.get(i).labels());
            }
            long wanted = bits(result);
            for (int s = 1; s < all; s++) {
                kept[s] = used[s] & (wanted | used[all - 1 - s]);
                if (Integer.bitCount(s) == 1) {
                    cost[s] = kept[s] == used[s] ? 0 : (1 + TRAFFIC) * size(used[s]);
                    continue;
                }
                cost[s] = Double.POSITIVE_INFINITY;
                for (int a = (s - 1) & s; a > (s ^ a); a = (a - 1) & s) {
                    int b = s ^ a;
                    double traffic = size(kept[a]) + size(kept[b]) + size(kept[s]);
                    double c = cost[a] + cost[b] + 2 * size(kept[a] | kept[b]) + TRAFFIC * traffic;
                    if (c < cost[s]) {
                        cost[s] = c;
                        left[s] = a;
                    }
                }
            }
        }

        private long bits(List<Label> some) {
            long bits = 0;
            for (var l : some) {
                int i = labels.indexOf(l);
                bits |= i < 0 ? 0 : 1L << i;
            }
            return bits;
        }

        private double size(long bits) {
            double n = 1;
            for (int i = 0; i < labels.size(); i++) {
                n *= (bits >> i & 1) == 1 ? labels.get(i).size() : 1;
            }
            return n;
        }

        /** What it costs, in operations. */
        double cost() {
            return cost[cost.length - 1];
        }

        /** Writes the lines; the result has the axes of the names asked for, in their order. */
        Atom write(Rewriting r) {
            var product = write(r, cost.length - 1);
            double times = 1;
            for (var l : sums) { // a name that no factor has
                times *= labels.contains(l) ? 1 : l.size();
            }
            Atom y = product.atom();
            if (times != 1) {
                var number = constant(y.type().dtype(), times);
                y =
                        r.apply(
                                new Elementwise.Mul(),
                                List.of(y, broadcast(r, number, y.type().shape(), Axes.of())));
            }
            return aligned(r, new Factor(y, product.labels()), result);
        }

        /** The matrix product of two factors, without axes of one; null if it sums nothing. */
        @Nullable Atom dot(Rewriting r) {
            var names = names(3);
            return names.size() == labels.size()
                    ? null
                    : aligned(r, dot(r, write(r, 1), write(r, 2), names), result);
        }

        private static Atom constant(DType dtype, double value) {
            return new Atom.Constant((Array) Ops.scalar(dtype, value));
        }

        private Factor write(Rewriting r, int set) {
            var names = names(set);
            if (Integer.bitCount(set) == 1) {
                var f = factors.get(Integer.numberOfTrailingZeros(set));
                var flat = shape(f.labels());
                Atom x =
                        f.atom().type().shape().equals(flat)
                                ? f.atom()
                                : r.apply(new Structural.Reshape(flat), List.of(f.atom()));
                return summed(r, new Factor(x, f.labels()), names);
            }
            var a = write(r, left[set]);
            var b = write(r, set ^ left[set]);
            if (elementwise(a, b, names)) {
                return summed(r, product(r, a, b, a.labels()), names);
            }
            if (elementwise(b, a, names)) {
                return summed(r, product(r, b, a, b.labels()), names);
            }
            return names.containsAll(a.labels()) && names.containsAll(b.labels())
                    ? product(r, a, b, names)
                    : dot(r, a, b, names);
        }

        private List<Label> names(int set) {
            return those(labels, l -> (kept[set] >> labels.indexOf(l) & 1) == 1);
        }

        private static Shape shape(List<Label> labels) {
            return Shape.of(labels.stream().mapToInt(Label::size).toArray());
        }

        private static Axes places(List<Label> of, List<Label> in) {
            return Axes.of(of.stream().mapToInt(in::indexOf).toArray());
        }

        private static List<Label> those(List<Label> of, Predicate<Label> p) {
            return of.stream().filter(p).toList();
        }

        private static Factor summed(Rewriting r, Factor f, List<Label> names) {
            var gone = those(f.labels(), l -> !names.contains(l));
            if (gone.isEmpty()) {
                return f;
            }
            var sum = new Reduction.Sum(places(gone, f.labels()));
            return new Factor(r.apply(sum, List.of(f.atom())), those(f.labels(), names::contains));
        }

        /** Whether b is repeated along names of a, unless that is a matrix times a vector. */
        private static boolean elementwise(Factor a, Factor b, List<Label> names) {
            return a.labels().containsAll(b.labels())
                    && (b.labels().containsAll(a.labels())
                            || b.labels().isEmpty()
                            || b.labels().stream().anyMatch(names::contains));
        }

        /** Element by element, repeated along the names that one of them lacks. */
        private static Factor product(Rewriting r, Factor a, Factor b, List<Label> names) {
            var operands = List.of(aligned(r, a, names), aligned(r, b, names));
            return new Factor(r.apply(new Elementwise.Mul(), operands), names);
        }

        /** A matrix product; the operand whose names come first in the result stands left. */
        private Factor dot(Rewriting r, Factor a, Factor b, List<Label> names) {
            if (first(b, a) < first(a, b)) {
                return dot(r, b, a, names);
            }
            var both = those(a.labels(), b.labels()::contains);
            var batch = those(both, names::contains);
            var contracted = those(both, l -> !names.contains(l));
            var dot =
                    new Contraction.Dot(
                            places(contracted, a.labels()),
                            places(contracted, b.labels()),
                            places(batch, a.labels()),
                            places(batch, b.labels()));
            var free =
                    join(
                            those(a.labels(), l -> !both.contains(l)),
                            those(b.labels(), l -> !both.contains(l)));
            return new Factor(r.apply(dot, List.of(a.atom(), b.atom())), join(batch, free));
        }

        /** Where the result has the first name of {@code f} that {@code other} lacks. */
        private int first(Factor f, Factor other) {
            return IntStream.range(0, result.size())
                    .filter(i ->
                            f.labels().contains(result.get(i))
                                    && !other.labels().contains(result.get(i)))
                    .findFirst()
                    .orElse(result.size());
        }

        /** {@code f} with its axes in the order of {@code names}, repeated along those it lacks. */
        private static Atom aligned(Rewriting r, Factor f, List<Label> names) {
            var there = those(names, f.labels()::contains);
            var order = places(there, f.labels());
            Atom x =
                    order.isIdentity()
                            ? f.atom()
                            : r.apply(new Structural.Transpose(order), List.of(f.atom()));
            return broadcast(r, x, shape(names), places(there, names));
        }

        private static Atom broadcast(Rewriting r, Atom x, Shape shape, Axes dims) {
            return dims.isIdentity() && dims.size() == shape.rank()
                    ? x
                    : r.apply(new Structural.Broadcast(shape, dims), List.of(x));
        }
    }
}
