package dev.fathom.cli;

import static dev.fathom.cli.Shell.fathom;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Too few classes, and too few steps. */
final class FewExamplesTest {
    @TempDir private Path folder = Path.of("");

    /** Four files as MNIST's, ten images of 4 by 4 each, all of class 3. */
    @Test
    void aFolderOfOneClassIsOneLineAndNothingIsWritten() throws IOException {
        for (var part : List.of("train", "t10k")) {
            var images = ByteBuffer.allocate(16 + 10 * 16);
            images.putInt(0x803).putInt(10).putInt(4).putInt(4);
            for (int i = 0; i < 160; i++) {
                images.put((byte) i);
            }
            var labels = ByteBuffer.allocate(8 + 10);
            labels.putInt(0x801).putInt(10).put(new byte[] {3, 3, 3, 3, 3, 3, 3, 3, 3, 3});
            Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
            Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
        }
        var run = folder.resolve("run");
        var answer = fathom("train", folder, "--out", run);
        assertThat(answer.errLines())
                .containsExactly(
                        "fathom: "
                                + folder
                                + ": all 10 training examples are of class '3'; there is nothing"
                                + " to tell apart");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(run).doesNotExist();
    }

    /** Two steps move running means nowhere; what is measured at the end is the network. */
    @Test
    void afterFewStepsTheBatchStatisticsAreMeasured() throws IOException {
        var run = folder.resolve("run");
        var answer =
                fathom(
                        "train",
                        Samples.images(folder.resolve("images")),
                        "--model",
                        "cnn",
                        "--quick",
                        "--epochs",
                        3,
                        "--batch",
                        16,
                        "--out",
                        run);
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out())
                .contains("batch statistics measured anew over the training examples: 9 steps are")
                .contains("test accuracy  1.0000");
        assertThat(fathom("eval", run).out()).containsPattern("test accuracy +1\\.0000");
    }
}
