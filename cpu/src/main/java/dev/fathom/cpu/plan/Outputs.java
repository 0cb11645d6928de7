package dev.fathom.cpu.plan;

import dev.fathom.core.graph.Atom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a plan returns. A value computed by the plan is computed right where it is returned; an
 * input, a constant, a view or a value returned twice is copied there; a donated input that comes
 * back unchanged is handed over.
 */
final class Outputs {
    private final List<Storage> storages = new ArrayList<>();
    private final List<View> sources = new ArrayList<>();
    private final int[] passed;

    Outputs(Planner planner, List<Atom> outputs, List<Storage> inputs, boolean[] donated) {
        passed = new int[outputs.size()];
        Arrays.fill(passed, -1);
        for (int k = 0; k < passed.length; k++) {
            var v = planner.view(outputs.get(k));
            var s = v.storage();
            int input = inputs.indexOf(s);
            boolean own = s.kind() == Storage.Kind.TEMPORARY && v.isWhole();
            if (own && !storages.contains(s)) {
                s.makeOutput();
                storages.add(s);
                sources.add(v);
            } else {
                if (input >= 0 && v.isWhole() && donated[input] && once(input)) {
                    passed[k] = input;
                }
                storages.add(Storage.of(s.dtype(), v.length(), Storage.Kind.OUTPUT));
                sources.add(v);
            }
        }
    }

    private boolean once(int input) {
        return Arrays.stream(passed).noneMatch(p -> p == input);
    }

    List<Storage> storages() {
        return storages;
    }

    /** For each output the donated input that is returned as it is, or -1. */
    int[] passed() {
        return passed;
    }

    /** Adds the copies. */
    void copies(Lowering to) {
        for (int k = 0; k < passed.length; k++) {
            var target = storages.get(k);
            var source = sources.get(k);
            if (source.storage() != target && passed[k] < 0) {
                to.copy("output", source, View.whole(target, source.type()));
            }
        }
    }
}
