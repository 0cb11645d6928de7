package dev.fathom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.bench.harness.Row;
import dev.fathom.bench.harness.Summary;
import dev.fathom.bench.harness.Tables;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class TablesTest {
    @Test
    void theRatioIsOfMediansAndItsSpreadOfTheExtremes() {
        var ours = new Summary("Fathom", 200, 150, 250, 1, 2, 50_000_000, 0.5);
        var theirs = new Summary("peer", 100, 50, 125, 3, 4, 70_000_000, 0.5);
        var table =
                Tables.markdown(
                        List.of(new Row("x", "a thing", 1, 0.25, List.of(ours, theirs), Map.of())));
        // 200/100; 150/125 and 250/50
        assertThat(table).contains("**2.00** (1.20–5.00)").contains("| 25 % |");
        assertThat(table).contains("1.0 / 3.0").contains("2.0 / 4.0").contains("50 / 70");
    }

    @Test
    void withoutAPeerThereIsNoRatio() {
        var ours = new Summary("Fathom", 12.5, 10, 15, 1, 2, 0, 0.5);
        var table =
                Tables.markdown(List.of(new Row("x", "a thing", 1, 0.25, List.of(ours), Map.of())));
        assertThat(table).contains("| x: a thing | – | 12.50 | – | – |");
    }
}
