package dev.fathom.train.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.io.json.JsonLines;
import dev.fathom.train.history.EpochRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class HistoryWriterTest {
    @TempDir private Path folder;

    private static EpochRecord epoch(int number) {
        return new EpochRecord(
                number,
                number * 4L,
                50,
                1.5,
                Map.of("loss", 0.1 + number),
                Map.of("loss", Double.NaN));
    }

    private void epoch(HistoryWriter writer, FakeTraining training, int number) {
        training.history.add(epoch(number));
        writer.epochEnded(training, epoch(number));
    }

    @Test
    void writesBothFilesAfterEveryEpoch() throws IOException {
        var writer = HistoryWriter.to(folder.resolve("run"));
        var training = new FakeTraining();
        writer.fitStarted(training);
        assertThat(writer.jsonl()).isEmptyFile();
        epoch(writer, training, 1);
        epoch(writer, training, 2);
        assertThat(JsonLines.read(writer.jsonl(), EpochRecord.class))
                .containsExactly(epoch(1), epoch(2));
        assertThat(Files.readString(writer.jsonl()))
                .startsWith(
                        "{\"epoch\":1,\"step\":4,\"examples\":50,\"seconds\":1.5,\"train\":{\"loss\":1.1},\"validation\":{\"loss\":\"NaN\"}}\n");
        assertThat(writer.csv())
                .hasContent(
                        """
                        epoch,step,examples,seconds,train_loss,validation_loss
                        1,4,50,1.5,1.1,NaN
                        2,8,50,1.5,2.1,NaN
                        """);
    }

    @Test
    void aResumedRunHasNoEpochTwice() {
        var writer = HistoryWriter.to(folder);
        var first = new FakeTraining();
        writer.fitStarted(first);
        epoch(writer, first, 1);
        epoch(writer, first, 2);

        var resumed = new FakeTraining();
        resumed.history.add(epoch(1)); // the checkpoint was made before epoch 2 ended
        writer.fitStarted(resumed);
        epoch(writer, resumed, 2);
        epoch(writer, resumed, 3);
        assertThat(JsonLines.read(writer.jsonl(), EpochRecord.class))
                .extracting(EpochRecord::epoch)
                .containsExactly(1, 2, 3);
    }

    @Test
    void namesWithCommasAreQuoted() {
        var odd = new EpochRecord(1, 1, 1, 0, Map.of("a,\"b\"", 1.0), Map.of());
        assertThat(HistoryWriter.csv(List.of(odd)))
                .isEqualTo("epoch,step,examples,seconds,\"train_a,\"\"b\"\"\"\n1,1,1,0.0,1.0\n");
    }
}
