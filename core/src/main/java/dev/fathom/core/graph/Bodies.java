package dev.fathom.core.graph;

import dev.fathom.core.op.Control;

/**
 * A program whose loops and branches hold simplified programs. What follows finds them as they will
 * be planned; one that another pass has changed is simplified again by the next such pass, and only
 * that one, since a simplified program is known to be one.
 */
final class Bodies {
    private Bodies() {}

    static Graph rewrite(Graph graph) {
        return Rewriting.lines(
                graph,
                (r, e) ->
                        e.op() instanceof Control c && !isSimple(c)
                                ? r.applyAll(simplified(c), e.operands())
                                : null);
    }

    private static boolean isSimple(Control op) {
        for (var g : Verifier.programs(op)) {
            if (Simplifier.simplify(g) != g) {
                return false;
            }
        }
        return true;
    }

    private static Control simplified(Control op) {
        return switch (op) {
            case Control.Call c ->
                    new Control.Call(c.label(), Simplifier.simplify(c.graph()), c.remat());
            case Control.WithRule w ->
                    new Control.WithRule(w.label(), Simplifier.simplify(w.graph()), w.rule());
            case Control.Scan s ->
                    new Control.Scan(
                            Simplifier.simplify(s.body()),
                            s.constants(),
                            s.carry(),
                            s.length(),
                            s.reverse());
            case Control.Cond c ->
                    new Control.Cond(
                            Simplifier.simplify(c.whenTrue()), Simplifier.simplify(c.whenFalse()));
            case Control.While w ->
                    new Control.While(
                            Simplifier.simplify(w.condition()),
                            Simplifier.simplify(w.body()),
                            w.conditionConstants(),
                            w.bodyConstants());
            case Control.Transposed t -> t;
        };
    }
}
