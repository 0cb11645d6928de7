package dev.fathom.core.transform;

import dev.fathom.core.graph.Graph;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;

/**
 * What has been made from a program: its derivative, its transpose, its compiled form. Kept in the
 * program itself, so that it goes when the program goes although it refers to it; equal programs
 * share what one of them holds, so that a loop body recorded anew at every call is differentiated
 * and compiled once.
 */
final class Derived {
    private static final Map<Graph, WeakReference<Graph>> SAME = new WeakHashMap<>();

    private Derived() {}

    /** The one of all programs equal to {@code graph} that holds what was made from them. */
    private static Graph holder(Graph graph) {
        synchronized (SAME) {
            var reference = SAME.get(graph);
            var known = reference == null ? null : reference.get();
            if (known != null) {
                return known;
            }
            SAME.put(graph, new WeakReference<>(graph));
            return graph;
        }
    }

    /** The value made from {@code graph} under {@code key}, made now if it is not there. */
    @SuppressWarnings("unchecked") // one key is used with one type
    static <T> T of(Graph graph, Object key, Supplier<T> make) {
        var entries = holder(graph).derived();
        var known = entries.get(key);
        if (known == null) {
            // not computeIfAbsent: what is made may itself be made from other parts of the same
            // program
            T made = make.get();
            var first = entries.putIfAbsent(key, made);
            known = first == null ? made : first;
        }
        return (T) known;
    }
}
