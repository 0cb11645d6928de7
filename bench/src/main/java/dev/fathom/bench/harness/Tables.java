package dev.fathom.bench.harness;

import java.util.List;
import java.util.Locale;

/** Rows as Markdown. */
public final class Tables {
    private Tables() {}

    /** A table with one line for each workload and peer. */
    public static String markdown(List<Row> rows) {
        var text = new StringBuilder();
        text.append("| workload | peer | unit | Fathom | peer | ratio (spread) |")
                .append(" of limit | first step, s | full speed, s | memory, MB |\n")
                .append("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (var row : rows) {
            var peers = row.sides().subList(1, row.sides().size());
            if (peers.isEmpty() && row.notes().isEmpty()) {
                line(text, row, "–", "–", "–", row.fathom());
            }
            for (var peer : peers) {
                var spread = row.spread(peer);
                line(
                        text,
                        row,
                        peer.side(),
                        number(peer.figure()),
                        String.format(
                                Locale.ROOT,
                                "**%.2f** (%.2f–%.2f)",
                                row.ratio(peer),
                                spread[0],
                                spread[1]),
                        peer);
            }
            row.notes()
                    .forEach((side, note) ->
                            line(text, row, side, "–", firstLine(note), row.fathom()));
        }
        return text.toString();
    }

    private static String firstLine(String note) {
        return note.lines().findFirst().orElse("").replace('|', '/');
    }

    private static void line(
            StringBuilder text, Row row, String name, String figure, String ratio, Summary peer) {
        var f = row.fathom();
        boolean alone = peer == f;
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
                        row.workload() + ": " + row.title(),
                        name,
                        row.unit().name(),
                        number(f.figure()) + (ratio.contains("**") ? "" : spread(f)),
                        figure,
                        ratio,
                        row.share() > 0
                                ? String.format(Locale.ROOT, "%.0f %%", 100 * row.share())
                                : "–",
                        pair(f.firstSeconds(), peer.firstSeconds(), alone, "%.1f"),
                        pair(f.fullSpeedSeconds(), peer.fullSpeedSeconds(), alone, "%.1f"),
                        pair(f.peakBytes() / 1e6, peer.peakBytes() / 1e6, alone, "%.0f")));
    }

    /** How far the processes of one side lie apart; nothing for a single one. */
    private static String spread(Summary side) {
        return side.least() == side.most()
                ? ""
                : " (" + number(side.least()) + "–" + number(side.most()) + ")";
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
