package dev.fathom.lab.run;

import dev.fathom.lab.study.Card;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What stands in {@code spec.json}: all that was fixed before the run. */
record Spec(
        String id,
        String name,
        String tier,
        long seed,
        int seeds,
        Map<Card.Part, String> parts,
        List<Line> predictions) {

    /** A prediction in words. */
    record Line(String name, String role, String oracle, String rule, String expected) {}

    static Spec of(Card card, Order order, int seeds) {
        return new Spec(
                card.id(),
                card.name(),
                order.tier().word(),
                order.seed(),
                seeds,
                card.parts(),
                card.predictions().stream()
                        .map(p ->
                                new Line(
                                        p.name(),
                                        p.role().name().toLowerCase(Locale.ROOT),
                                        p.oracle().word(),
                                        p.oracle().rule(),
                                        p.expectation().text()))
                        .toList());
    }
}
