package dev.fathom.data.read;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;

import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.file.Content;
import dev.fathom.data.file.Sha256;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Reads comma-separated values (RFC 4180, UTF-8, plain or gzip) into a typed {@link Table}.
 *
 * <ul>
 *   <li>The separator is whichever of comma, semicolon and tab occurs most in the first line.
 *   <li>A header is taken to be present if no cell of the first line is a number and not all are
 *       blank; {@link Header} overrides.
 *   <li>A cell is blank if it is empty, {@code NA}, {@code NaN} or {@code ?}.
 *   <li>A column of numbers has only finite decimal numbers and blanks; any other is text.
 *   <li>Every line has as many cells as the first; empty lines are skipped.
 * </ul>
 */
public final class Csv {
    private static final int LIMIT = 1 << 30;
    private static final Set<String> BLANKS = Set.of("", "NA", "NaN", "?");

    /** Whether the first line names the columns. */
    public enum Header {
        /** Decided by the rule above. */
        DETECTED,
        /** It does. */
        PRESENT,
        /** It does not; columns are called {@code column 1}, {@code column 2}, ... */
        ABSENT
    }

    private final String label;
    private final String text;
    private final char separator;

    private Csv(String label, String text) {
        this.label = label;
        this.text = text;
        this.separator = separator(text);
    }

    /** Reads a file, deciding itself whether it has a header. */
    public static Table read(Path file) {
        return read(file, Header.DETECTED);
    }

    /**
     * Reads a file.
     *
     * @throws MalformedDataException naming the line of whatever is wrong with it
     */
    public static Table read(Path file, Header header) {
        return parse(Content.of(file), header);
    }

    /** Reads bytes already in memory, plain or gzip; messages call them {@code label}. */
    public static Table parse(String label, byte[] bytes, Header header) {
        return parse(Content.of(label, bytes), header);
    }

    private static Table parse(Content content, Header header) {
        var bytes = content.bytes(LIMIT);
        try {
            var text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            int start = text.startsWith("\ufeff") ? 1 : 0;
            return new Csv(content.label(), text.substring(start)).table(header, Sha256.of(bytes));
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(
                    content.label() + " is not UTF-8 text; convert it first", e);
        } catch (CsvParseException e) {
            throw new MalformedDataException(content.label() + ": " + e.getMessage(), e);
        }
    }

    private static char separator(String text) {
        int end = text.indexOf('\n');
        var first = end < 0 ? text : text.substring(0, end);
        char best = ',';
        long most = -1;
        for (char candidate : new char[] {',', ';', '\t'}) {
            long count = first.chars().filter(c -> c == candidate).count();
            if (count > most) {
                most = count;
                best = candidate;
            }
        }
        return best;
    }

    private CsvReader<CsvRecord> records() {
        // Rows of the wrong length are let through so that the message here can name the line.
        return CsvReader.builder()
                .fieldSeparator(separator)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .ofCsvRecord(new StringReader(text));
    }

    /**
     * Two passes: what the columns are, then their values, so that text is kept only where needed.
     */
    private Table table(Header header, String sha256) {
        var names = new ArrayList<String>();
        var textFrom = new ArrayList<Long>();
        boolean hasHeader = false;
        int rows = 0;
        for (var line : records()) {
            if (names.isEmpty()) {
                hasHeader = hasHeader(line, header);
                names.addAll(names(line, hasHeader));
                names.forEach(_ -> textFrom.add(0L));
                if (hasHeader) {
                    continue;
                }
            }
            if (line.getFieldCount() != names.size()) {
                throw new MalformedDataException(
                        label
                                + ", line "
                                + line.getStartingLineNumber()
                                + ": "
                                + line.getFieldCount()
                                + " cells where the first line has "
                                + names.size());
            }
            for (int c = 0; c < names.size(); c++) {
                if (textFrom.get(c) == 0 && !isBlankOrNumber(line.getField(c))) {
                    textFrom.set(c, line.getStartingLineNumber());
                }
            }
            rows++;
        }
        if (rows == 0) {
            throw new MalformedDataException(label + " holds no rows of data");
        }
        return fill(names, textFrom, hasHeader, rows, sha256);
    }

    private Table fill(
            List<String> names, List<Long> textFrom, boolean hasHeader, int rows, String sha256) {
        var lines = new long[rows];
        var numbers = new double[names.size()][];
        var texts = new ArrayList<List<String>>();
        for (int c = 0; c < names.size(); c++) {
            boolean isText = textFrom.get(c) > 0;
            numbers[c] = new double[isText ? 0 : rows];
            texts.add(new ArrayList<>());
        }
        var known = new HashMap<String, String>(); // one String for each distinct cell
        int row = hasHeader ? -1 : 0;
        for (var line : records()) {
            if (row >= 0) {
                lines[row] = line.getStartingLineNumber();
            }
            for (int c = 0; c < names.size() && row >= 0; c++) {
                var cell = line.getField(c).strip();
                boolean blank = BLANKS.contains(cell);
                if (textFrom.get(c) > 0) {
                    texts.get(c).add(blank ? "" : known.computeIfAbsent(cell, key -> key));
                } else {
                    numbers[c][row] = blank ? Double.NaN : number(cell).orElseThrow();
                }
            }
            row++;
        }
        var columns = new ArrayList<Column>();
        for (int c = 0; c < names.size(); c++) {
            columns.add(
                    textFrom.get(c) > 0
                            ? new Column.Text(names.get(c), texts.get(c), textFrom.get(c))
                            : new Column.Numbers(names.get(c), numbers[c]));
        }
        return new Table(label, sha256, columns, lines);
    }

    private boolean hasHeader(CsvRecord first, Header header) {
        return switch (header) {
            case PRESENT -> true;
            case ABSENT -> false;
            case DETECTED -> {
                var cells = first.getFields().stream().map(String::strip).toList();
                yield cells.stream().noneMatch(cell -> number(cell).isPresent())
                        && !BLANKS.containsAll(cells);
            }
        };
    }

    private List<String> names(CsvRecord first, boolean hasHeader) {
        var names = new ArrayList<String>();
        var seen = new HashSet<String>();
        for (int c = 0; c < first.getFieldCount(); c++) {
            var cell = hasHeader ? first.getField(c).strip() : "";
            var name = cell.isEmpty() ? "column " + (c + 1) : cell;
            if (!seen.add(name)) {
                throw new MalformedDataException(
                        label + ": the header names column '" + name + "' twice");
            }
            names.add(name);
        }
        return names;
    }

    private static boolean isBlankOrNumber(String cell) {
        var stripped = cell.strip();
        return BLANKS.contains(stripped) || number(stripped).isPresent();
    }

    /** True if a column of numbers may hold {@code cell}. */
    public static boolean isNumber(String cell) {
        return number(cell).isPresent();
    }

    /**
     * The text of a file of comma-separated values: cells with commas, quotes or line breaks in
     * quotes, lines ended by a line feed.
     */
    public static String text(List<String> header, List<List<String>> rows) {
        var text = new StringWriter();
        try (var out = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
            out.writeRecord(header);
            rows.forEach(out::writeRecord);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return text.toString();
    }

    /**
     * A finite decimal number; Java's own {@code 1d}, {@code 0x1p3} and {@code Infinity} are text.
     */
    static OptionalDouble number(String cell) {
        if (cell.isEmpty() || !cell.chars().allMatch(c -> "+-.0123456789eE".indexOf(c) >= 0)) {
            return OptionalDouble.empty();
        }
        try {
            double value = Double.parseDouble(cell);
            return Double.isFinite(value)
                    ? OptionalDouble.of(value + 0.0) // which turns -0 into 0
                    : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
