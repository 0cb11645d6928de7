package dev.fathom.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table in plain text: columns as wide as their widest cell, two spaces apart. */
public final class Columns {
    private final String[] headings;
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    private Columns(String[] headings) {
        this.headings =
                Arrays.stream(headings)
                        .map(heading -> heading.replaceFirst("^>", ""))
                        .toArray(String[]::new);
        this.right = new boolean[headings.length];
        for (int i = 0; i < headings.length; i++) {
            right[i] = headings[i].startsWith(">");
        }
    }

    /** A table with these headings; one that starts with {@code >} is for a column of numbers. */
    public static Columns of(String... headings) {
        return new Columns(headings);
    }

    /** Adds a row. */
    public Columns row(String... cells) {
        if (cells.length != headings.length) {
            throw new IllegalArgumentException(
                    cells.length + " cells in a table of " + headings.length + " columns");
        }
        rows.add(cells);
        return this;
    }

    /** How many rows there are, without the headings. */
    public int size() {
        return rows.size();
    }

    /** The headings, if any is not empty, and then the rows. */
    public List<String> lines() {
        var all = new ArrayList<String[]>();
        if (Arrays.stream(headings).anyMatch(heading -> !heading.isEmpty())) {
            all.add(headings);
        }
        all.addAll(rows);
        var widths = new int[headings.length];
        for (var row : all) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        return all.stream().map(row -> line(row, widths)).toList();
    }

    private String line(String[] row, int[] widths) {
        var cells = new ArrayList<String>();
        for (int i = 0; i < row.length; i++) {
            var space = " ".repeat(widths[i] - row[i].length());
            cells.add(right[i] ? space + row[i] : row[i] + space);
        }
        return String.join("  ", cells).stripTrailing();
    }
}
