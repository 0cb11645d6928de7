package dev.fathom.bench.harness;

import java.util.List;
import java.util.Locale;

/** Rows as Markdown. */
public final class Tables {
    private Tables() {}

    /** A table with one line for each workload and peer. */
    public static String markdown(List<Row> rows) {
        var text = new StringBuilder();
        text.append("| workload | peer | Fathom, steps/s | peer, steps/s | ratio (spread) |")
                .append(" of peak | first step, s | full speed, s | memory, MB |\n")
                .append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (var row : rows) {
            var peers = row.sides().subList(1, row.sides().size());
            row.notes()
                    .forEach((side, note) ->
                            line(
                                    text,
                                    row,
                                    side,
                                    "–",
                                    note.lines().findFirst().orElse(""),
                                    row.fathom()));
            if (peers.isEmpty() && row.notes().isEmpty()) {
                line(text, row, "–", "–", "–", row.fathom());
            }
            for (var peer : peers) {
                var spread = row.spread(peer);
                line(
                        text,
                        row,
                        peer.side(),
                        number(peer.stepsPerSecond()),
                        String.format(
                                Locale.ROOT,
                                "**%.2f** (%.2f–%.2f)",
                                row.ratio(peer),
                                spread[0],
                                spread[1]),
                        peer);
            }
        }
        return text.toString();
    }

    private static void line(
            StringBuilder text, Row row, String name, String rate, String ratio, Summary peer) {
        var f = row.fathom();
        boolean alone = peer == f;
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %s | %.0f %% | %s | %s | %s |%n",
                        row.workload() + ": " + row.title(),
                        name,
                        number(f.stepsPerSecond()),
                        rate,
                        ratio,
                        100 * row.fraction(),
                        pair(f.firstSeconds(), peer.firstSeconds(), alone, "%.1f"),
                        pair(f.fullSpeedSeconds(), peer.fullSpeedSeconds(), alone, "%.1f"),
                        pair(f.peakBytes() / 1e6, peer.peakBytes() / 1e6, alone, "%.0f")));
    }

    private static String pair(double ours, double theirs, boolean alone, String format) {
        var mine = String.format(Locale.ROOT, format, ours);
        return alone ? mine : mine + " / " + String.format(Locale.ROOT, format, theirs);
    }

    private static String number(double value) {
        return value >= 100
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.2f", value);
    }
}
