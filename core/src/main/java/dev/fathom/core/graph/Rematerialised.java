package dev.fathom.core.graph;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Elementwise;
import dev.fathom.core.op.Reduction;
import dev.fathom.core.op.Structural;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A program that computes large arrays once more where they are read later, if what they follow
 * from, element by element, is in memory then: one array is kept in place of several, and they are
 * neither written nor read. P. Briggs, K. Cooper and L. Torczon, "Rematerialization", PLDI 1992.
 *
 * <pre>
 * x = a b + c;  h = 1 + erf x;  y = x h;  …  x and h in a gradient        only x is kept
 * s = Σ (x − m)², m the mean of x;  …  (x − m) r                          only x is kept
 * </pre>
 *
 * <p>An array follows from another if a chain of elementwise lines leads from the one to the other
 * whose further operands are small, such as numbers and statistics. "Later" is told by levels: a
 * line that is no elementwise one has a level above those of its operands, and elementwise lines
 * have that of their operands, or of their readers, if all are later. The bits are the same.
 */
final class Rematerialised {
    /** What has so many times fewer elements costs nothing to keep. */
    private static final int SMALL = 64;

    /** Arrays of so many elements are likely to leave the caches before they are read again. */
    private static final int FAR = 1 << 16;

    /**
     * Additions that may be done to save writing and reading an array, beyond the caches or not.
     */
    private static final int WORTH_FAR = 16;

    private static final int WORTH_NEAR = 2;

    /** Lines from what is kept to what is computed from it, at most. */
    private static final int LONGEST = 16;

    private final Graph graph;
    private final Map<Atom, List<Equation>> users;
    private final Map<Atom, Integer> levels = new HashMap<>();
    private final Map<Atom, List<Atom>> children = new HashMap<>();

    /** What is computed again, and from what. */
    private final Map<Atom, Atom> sources = new HashMap<>();

    /** What has been computed again, by level of its readers. */
    private final Map<Integer, Map<Atom, Atom>> again = new HashMap<>();

    private Rematerialised(Graph graph) {
        this.graph = graph;
        this.users = graph.readers();
        climb();
        sink();
        for (var e : graph.equations()) {
            var from = parent(e.results().getFirst());
            if (from != null) {
                children.computeIfAbsent(from, _ -> new ArrayList<>()).add(e.results().getFirst());
            }
        }
    }

    static Graph rewrite(Graph graph) {
        var pass = new Rematerialised(graph);
        for (var e : graph.equations()) {
            e.results().forEach(pass::choose);
        }
        return pass.sources.isEmpty() ? graph : Rewriting.of(graph, pass::line);
    }

    // ---- levels --------------------------------------------------------------------------------

    private void climb() {
        for (var e : graph.equations()) {
            int highest = e.operands().stream().mapToInt(this::level).max().orElse(0);
            boolean alike = e.op() instanceof Elementwise || e.op() instanceof Structural;
            e.results().forEach(x -> levels.put(x, alike ? highest : highest + 1));
        }
    }

    /** What is read later only is computed later, if that keeps no more arrays. */
    private void sink() {
        for (var e : graph.equations().reversed()) {
            var x = e.results().getFirst();
            boolean moves =
                    e.op() instanceof Structural
                            || (e.op() instanceof Elementwise && large(e).size() <= 1);
            if (moves && users.containsKey(x) && !graph.outputs().contains(x)) {
                int first = users.get(x).stream().mapToInt(this::readsAt).min().orElseThrow();
                levels.merge(x, first, Math::max);
            }
        }
    }

    private int level(Atom x) {
        return levels.getOrDefault(x, 0);
    }

    /** The level at which a line reads its operands. */
    private int readsAt(Equation e) {
        int level = level(e.results().getFirst());
        return e.op() instanceof Elementwise || e.op() instanceof Structural ? level : level - 1;
    }

    // ---- what follows from what ----------------------------------------------------------------

    /** The operands of a line that are not small beside its result. */
    private Set<Atom> large(Equation e) {
        var large = new HashSet<Atom>();
        for (var x : e.operands()) {
            if (SMALL * size(graph.repeated(x)) > size(e.results().getFirst())) {
                large.add(x);
            }
        }
        return large;
    }

    /** The only large operand of the elementwise line that defines {@code x}, or null. */
    private @Nullable Atom parent(Atom x) {
        var e = graph.definition(x);
        if (e == null || !(e.op() instanceof Elementwise)) {
            return null;
        }
        var large = large(e);
        var from = large.size() == 1 ? large.iterator().next() : null;
        return from != null
                        && size(from) == size(x)
                        && e.operands().stream().noneMatch(this::isGiven)
                ? from
                : null;
    }

    /**
     * Whether {@code x} is an input, or a part of one: it may be overwritten by its update as soon
     * as nobody reads it any more.
     */
    private boolean isGiven(Atom x) {
        var e = graph.definition(x);
        return e == null
                ? x instanceof Atom.Var
                : e.op() instanceof Structural && e.operands().stream().anyMatch(this::isGiven);
    }

    private static boolean inRegisters(Equation e) {
        return e.op() instanceof Elementwise || e.op() instanceof Reduction.Sum;
    }

    /** Whether all who read {@code x} could compute it, and nobody else needs it. */
    private boolean isReadInRegisters(Atom x) {
        return !graph.outputs().contains(x)
                && users.getOrDefault(x, List.of()).stream().allMatch(Rematerialised::inRegisters);
    }

    /** The levels after its own at which {@code x} is read. */
    private TreeSet<Integer> later(Atom x) {
        var later = new TreeSet<Integer>();
        for (var e : users.getOrDefault(x, List.of())) {
            if (readsAt(e) > level(x)) {
                later.add(readsAt(e));
            }
        }
        return later;
    }

    /** Whether {@code x} is in memory only because somebody reads it later. */
    private boolean isKept(Atom x) {
        return !sources.containsKey(x)
                && x.type().dtype().isFloating()
                && isReadInRegisters(x)
                && !later(x).isEmpty();
    }

    /** Whether {@code x} is in memory whatever else is. */
    private boolean isWritten(Atom x) {
        var e = graph.definition(x);
        return e == null
                || !isReadInRegisters(x)
                || !later(x).isEmpty()
                || !(e.op() instanceof Elementwise || e.op() instanceof Contraction.Dot);
    }

    // ---- the choice ----------------------------------------------------------------------------

    /** What need not be kept if {@code source} is. */
    private List<Atom> kept(Atom source) {
        var kept = new ArrayList<Atom>();
        follow(source, LONGEST, kept);
        return kept;
    }

    private void follow(Atom source, int lines, List<Atom> kept) {
        for (var x : lines == 0 ? List.<Atom>of() : children.getOrDefault(source, List.of())) {
            if (isKept(x)) {
                kept.add(x);
            }
            follow(x, lines - 1, kept);
        }
    }

    /** The arrays that are spared. */
    private int gain(List<Atom> kept, Atom source) {
        return kept.size() - (isWritten(source) ? 0 : 1);
    }

    /** Computes what is kept from {@code source}, unless it is better from what follows from it. */
    private void choose(Atom source) {
        if (sources.containsKey(source) || !children.containsKey(source)) {
            return;
        }
        var kept = kept(source);
        int gain = gain(kept, source);
        long worth = (long) gain * (size(source) >= FAR ? WORTH_FAR : WORTH_NEAR);
        if (gain > 0
                && cost(kept, source) <= worth
                && children.get(source).stream().noneMatch(x -> gain(kept(x), x) >= gain)) {
            kept.forEach(x -> sources.put(x, source));
        }
    }

    /** The additions that take as long as what is done once more for each element. */
    private int cost(List<Atom> kept, Atom source) {
        var lines = new TreeMap<Integer, Set<Atom>>();
        for (var x : kept) {
            for (int level : later(x)) {
                for (Atom y = x; y != null && !y.equals(source); y = parent(y)) {
                    lines.computeIfAbsent(level, _ -> new HashSet<>()).add(y);
                }
            }
        }
        return lines.values().stream()
                .flatMap(Set::stream)
                .mapToInt(x -> Work.weight(graph.definition(x).op().name()))
                .sum();
    }

    private static long size(Atom x) {
        return x.type().shape().size();
    }

    // ---- the program ---------------------------------------------------------------------------

    /** The line with what it reads computed again, null if nothing is. */
    private @Nullable Atom line(Rewriting r, Equation now) {
        var e = graph.definition(now.results().getFirst());
        if (!inRegisters(e)) {
            return null;
        }
        int level = readsAt(e);
        var operands = e.operands().stream().map(x -> read(r, x, level)).toList();
        return operands.equals(now.operands()) ? null : r.apply(e.op(), operands);
    }

    private Atom read(Rewriting r, Atom x, int level) {
        var source = sources.get(x);
        return source == null || level == level(x) ? r.name(x) : again(r, x, source, level);
    }

    /** {@code x} computed from {@code source} for all who read it at {@code level}. */
    private Atom again(Rewriting r, Atom x, Atom source, int level) {
        if (x.equals(source)) {
            return r.name(x);
        }
        var atLevel = again.computeIfAbsent(level, _ -> new HashMap<>());
        var known = atLevel.get(x);
        if (known == null) {
            var e = graph.definition(x);
            var from = parent(x);
            var operands =
                    e.operands().stream()
                            .map(o -> o.equals(from) ? again(r, o, source, level) : r.name(o))
                            .toList();
            known = r.apply(e.op(), operands);
            atLevel.put(x, known);
        }
        return known;
    }
}
