package dev.fathom.train.listener;

import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.JsonLines;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.loop.Listener;
import dev.fathom.train.loop.Training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes {@code history.jsonl}, one {@link EpochRecord} a line, and {@code history.csv}, the same
 * as a table. Both are complete after every epoch. A resumed run first puts back the epochs of its
 * checkpoint, so that no epoch is there twice.
 *
 * @param folder where to
 */
public record HistoryWriter(Path folder) implements Listener {
    /** Writes to {@code folder}, which is made if it is missing. */
    public static HistoryWriter to(Path folder) {
        return new HistoryWriter(folder);
    }

    /** One JSON object a line. */
    public Path jsonl() {
        return folder.resolve("history.jsonl");
    }

    /** One row an epoch, with headings. */
    public Path csv() {
        return folder.resolve("history.csv");
    }

    @Override
    public void fitStarted(Training training) {
        JsonLines.write(jsonl(), training.history());
        writeCsv(training.history());
    }

    @Override
    public void epochEnded(Training training, EpochRecord epoch) {
        JsonLines.append(jsonl(), epoch);
        writeCsv(training.history());
    }

    private void writeCsv(List<EpochRecord> epochs) {
        AtomicFile.write(csv(), csv(epochs));
    }

    static String csv(List<EpochRecord> epochs) {
        var headings = new ArrayList<>(List.of("epoch", "step", "examples", "seconds"));
        if (!epochs.isEmpty()) {
            var first = epochs.getFirst();
            first.train().keySet().forEach(n -> headings.add("train_" + n));
            first.validation().keySet().forEach(n -> headings.add("validation_" + n));
        }
        var text = new StringBuilder();
        row(text, headings);
        for (var e : epochs) {
            var cells =
                    new ArrayList<>(
                            List.of(
                                    "" + e.epoch(),
                                    "" + e.step(),
                                    "" + e.examples(),
                                    "" + e.seconds()));
            e.train().values().forEach(v -> cells.add(v.toString()));
            e.validation().values().forEach(v -> cells.add(v.toString()));
            row(text, cells);
        }
        return text.toString();
    }

    private static void row(StringBuilder text, List<String> cells) {
        for (int i = 0; i < cells.size(); i++) {
            var cell = cells.get(i);
            boolean quoted =
                    cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
            text.append(i == 0 ? "" : ",")
                    .append(quoted ? '"' + cell.replace("\"", "\"\"") + '"' : cell);
        }
        text.append('\n');
    }
}
