package dev.fathom.cpu.plan;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A kernel and the region that alone reads what it makes: some rows are made, and the region takes
 * them before the next ones are begun. So the gradient of a matrix of weights goes into the
 * optimizer's update from the cache, and has no memory of its own.
 */
final class RowRegion implements Instruction {
    private final Kernel kernel;
    private final Rows rows;
    private final Region region;
    private final List<Storage> reads;

    private RowRegion(Kernel kernel, Region region) {
        this.kernel = kernel;
        this.rows = Objects.requireNonNull(kernel.rows());
        this.region = region.takingParts(rows);
        this.reads =
                Stream.concat(kernel.reads().stream(), region.reads().stream())
                        .filter(s -> s != rows.result().storage())
                        .distinct()
                        .toList();
    }

    /**
     * Joins what can be joined, in a list of instructions and that of their levels. A region whose
     * results are returned stays where it is, behind all who still read what it may write to;
     * others go to where the kernel was, or behind what they read besides.
     */
    static void join(List<Instruction> instructions, List<Integer> levels) {
        for (int r = 0; r < instructions.size(); r++) {
            int k =
                    instructions.get(r) instanceof Region region
                            ? kernel(instructions, region, r)
                            : -1;
            if (k >= 0) {
                var kernel = (Kernel) instructions.get(k);
                var joined = new RowRegion(kernel, (Region) instructions.remove(r));
                instructions.remove(k);
                int last = levels.remove(r);
                int first = levels.remove(k);
                int at = joined.returns() ? r - 1 : Math.max(k, ready(instructions, joined, r - 1));
                int level = at == k ? first : Math.max(first, levels.get(at - 1));
                instructions.add(at, joined);
                levels.add(at, at == r - 1 ? last : level);
                r--;
            }
        }
        returnLate(instructions, levels);
    }

    /**
     * What only returns results goes behind those who still read an input that a result may take
     * the memory of: a product that has been joined reads its weights later than it did.
     */
    private static void returnLate(List<Instruction> instructions, List<Integer> levels) {
        for (int i = instructions.size() - 1; i >= 0; i--) {
            var returning = instructions.get(i);
            int last = lastReader(instructions, returning, i);
            boolean free =
                    instructions.subList(i, last + 1).stream()
                            .noneMatch(other ->
                                    other.reads().stream().anyMatch(returning.writes()::contains));
            if (last > i && free) {
                instructions.add(last, instructions.remove(i));
                levels.remove(i);
                levels.add(last, levels.get(last - 1));
            }
        }
    }

    /** The last who reads an input as large as a result of {@code i}, or {@code i}. */
    private static int lastReader(List<Instruction> instructions, Instruction returning, int i) {
        var writes = returning.writes();
        if (!writes.stream().allMatch(s -> s.kind() == Storage.Kind.OUTPUT)) {
            return i;
        }
        var overwritten =
                returning.reads().stream()
                        .filter(s -> s.kind() == Storage.Kind.INPUT)
                        .filter(s -> writes.stream().anyMatch(w -> w.length() == s.length()))
                        .toList();
        for (int last = instructions.size() - 1; last > i; last--) {
            if (instructions.get(last).reads().stream().anyMatch(overwritten::contains)) {
                return last;
            }
        }
        return i;
    }

    /** The number of the kernel whose result region {@code r} alone reads, or -1. */
    private static int kernel(List<Instruction> instructions, Region region, int r) {
        for (int k = 0; k < r; k++) {
            if (instructions.get(k) instanceof Kernel kernel
                    && kernel.rows() instanceof Rows rows
                    && suits(rows, region)
                    && readers(instructions, rows.result().storage()) == 1) {
                return k;
            }
        }
        return -1;
    }

    /** Behind all before {@code end} that write what {@code joined} reads. */
    private static int ready(List<Instruction> instructions, RowRegion joined, int end) {
        int at = end;
        while (at > 0
                && instructions.get(at - 1).writes().stream().noneMatch(joined.reads::contains)) {
            at--;
        }
        return at;
    }

    private boolean returns() {
        return writes().stream().anyMatch(s -> s.kind() == Storage.Kind.OUTPUT);
    }

    private static boolean suits(Rows rows, Region region) {
        var c = rows.result().storage();
        return region.length() == c.length()
                && c.kind() == Storage.Kind.TEMPORARY
                && rows.result().isWhole()
                && region.sumsWithin(rows.row())
                && region.reads().contains(c)
                && region.loads().stream().noneMatch(l -> l.view().storage() == c);
    }

    private static long readers(List<Instruction> instructions, Storage s) {
        return instructions.stream().filter(i -> i.reads().contains(s)).count();
    }

    @Override
    public void run(Frame frame) {
        region.begin();
        long run = ++frame.runs;
        try {
            rows.maker()
                    .make(
                            frame,
                            (rows, part, from, to, slot) ->
                                    region.take(frame, run, rows, part, from, to, slot));
            region.finish(frame);
        } catch (ArithmeticException e) {
            throw region.divisionByZero(e);
        }
    }

    @Override
    public String name() {
        return kernel.name() + " " + region.name();
    }

    @Override
    public List<Storage> reads() {
        return reads;
    }

    @Override
    public List<Storage> writes() {
        return region.writes();
    }

    @Override
    public String layer() {
        return kernel.layer();
    }

    @Override
    public long flop() {
        return kernel.flop() + region.flop();
    }

    @Override
    public boolean allowsInPlace(Storage in, Storage out) {
        boolean rowByRow = rows.alike() != null && rows.alike().storage() == in;
        return (rowByRow || !kernel.reads().contains(in)) && region.allowsInPlace(in, out);
    }
}
