package dev.fathom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.bench.harness.Row;
import dev.fathom.bench.harness.Summary;
import dev.fathom.bench.harness.Tables;
import dev.fathom.bench.measure.Unit;
import dev.fathom.bench.measure.Unit.Figure;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class TablesTest {
    private static final Unit STEPS = Unit.rate("steps/s", 1);

    private static Summary side(String name, double figure, double least, double most) {
        return new Summary(name, figure, least, most, figure, 1, 2, 50_000_000, 0.5);
    }

    private static String table(Unit unit, Map<String, String> notes, Summary... sides) {
        return Tables.markdown(List.of(new Row("x", "a thing", unit, 0.25, List.of(sides), notes)));
    }

    @Test
    void theRatioIsOfMediansAndItsSpreadOfTheExtremes() {
        var ours = new Summary("Fathom", 200, 150, 250, 200, 1, 2, 50_000_000, 0.5);
        var theirs = new Summary("peer", 100, 50, 125, 100, 3, 4, 70_000_000, 0.5);
        // 200/100; 150/125 and 250/50
        assertThat(table(STEPS, Map.of(), ours, theirs))
                .contains("| x: a thing | peer | steps/s | 200 | 100 | **2.00** (1.20–5.00)")
                .contains("| 25 % | 1.0 / 3.0 | 2.0 / 4.0 | 50 / 70 |");
    }

    @Test
    void ofTimesTheShorterIsTheBetter() {
        var ours = side("Fathom", 4, 2, 8);
        // 8/4; 8/8 and 8/2
        assertThat(table(Unit.of(Figure.STEP_TIME), Map.of(), ours, side("peer", 8, 8, 8)))
                .contains("| s | 4.00 | 8.00 | **2.00** (1.00–4.00)");
    }

    @Test
    void withoutAPeerThereIsNoRatio() {
        assertThat(table(STEPS, Map.of(), side("Fathom", 12.5, 10, 15)))
                .contains("| x: a thing | – | steps/s | 12.50 (10.00–15.00) | – | – |");
        assertThat(table(STEPS, Map.of(), side("Fathom", 12.5, 12.5, 12.5)))
                .contains("| steps/s | 12.50 | – | – |"); // one process has no spread
    }

    @Test
    void aPeerWithoutANumberHasALineThatSaysWhy() {
        var notes = Map.of("peer", "has no loops | at all\n\tat a.stack.Trace");
        assertThat(table(STEPS, notes, side("Fathom", 12.5, 10, 15), side("other", 5, 5, 5)))
                .contains("| x: a thing | other | steps/s | 12.50 | 5.00 | **2.50**")
                .contains(
                        "| x: a thing | peer | steps/s | 12.50 (10.00–15.00) | – | has no loops /"
                                + " at all |")
                .doesNotContain("stack");
    }
}
