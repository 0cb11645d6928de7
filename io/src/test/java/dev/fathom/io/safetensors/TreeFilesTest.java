package dev.fathom.io.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Statistic;
import dev.fathom.io.error.TreeMismatchException;
import dev.fathom.io.error.UnsupportedFileException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

class TreeFilesTest {
    @TempDir private Path folder;

    /** A piece of a model. */
    public record Piece(Tensor weight, Optional<Tensor> bias, Statistic mean, String name) {}

    /** A model. */
    public record Whole(List<Piece> pieces, Map<String, Tensor> extra, Tensor steps) {}

    private static Piece piece(float w, Optional<Tensor> bias, String name) {
        return new Piece(
                Tensor.of(new float[] {w, w + 1}, 1, 2),
                bias,
                new Statistic(Tensor.scalar(w * 10)),
                name);
    }

    private static Whole whole(float w, String name) {
        return new Whole(
                List.of(
                        piece(w, Optional.of(Tensor.scalar(w / 2)), name),
                        piece(w + 5, Optional.empty(), name)),
                Map.of("scale", Tensor.scalar((double) w)),
                Tensor.scalar((int) w));
    }

    @Test
    void aFileOfShortWeightsSaysWhatItIsLoadedInto() {
        record Kept(Map<String, Tensor> net) {}
        var file = folder.resolve("short.safetensors");
        var model = Map.of("w", Tensor.ones(3));
        var small = Map.of("w", model.get("w").cast(DType.BFLOAT16));
        var says =
                ". The file keeps weights in bfloat16: load it into what was saved, such as"
                        + " Policy.keeping(DType.BFLOAT16).keep(model), or use"
                        + " SafeTensors.readWidening and pick the tensors by name";
        TreeFiles.save(file, new Kept(small));
        assertThatThrownBy(() -> TreeFiles.load(file, model))
                .hasMessageEndingWith("also has 'net[w]' bfloat16(3,)" + says);
        TreeFiles.save(file, small);
        assertThatThrownBy(() -> TreeFiles.load(file, model))
                .hasMessageEndingWith("is bfloat16(3,) in the file and float32(3,) here" + says);
        TreeFiles.save(file, model);
        assertThatThrownBy(() -> TreeFiles.load(file, small))
                .hasMessageContaining("Load it into a model made with the settings");
    }

    @Test
    void aTreeComesBackIntoOneOfTheSameStructure() {
        var file = folder.resolve("tree.safetensors");
        TreeFiles.save(file, whole(1, "saved"), Map.of("epoch", "3"));

        assertThat(SafeTensors.read(file).tensors())
                .containsOnlyKeys(
                        "pieces[0].weight",
                        "pieces[0].bias",
                        "pieces[0].mean",
                        "pieces[1].weight",
                        "pieces[1].mean",
                        "extra[scale]",
                        "steps");
        var loaded = TreeFiles.load(file, whole(100, "new"));
        assertThat(loaded.pieces().get(0).weight().toFloats()).containsExactly(1, 2);
        assertThat(loaded.pieces().get(0).bias().orElseThrow().item()).isEqualTo(0.5);
        assertThat(loaded.pieces().get(0).mean().value().item()).isEqualTo(10);
        assertThat(loaded.pieces().get(1).weight().toFloats()).containsExactly(6, 7);
        assertThat(loaded.extra().get("scale").item()).isEqualTo(1);
        assertThat(loaded.steps().toInts()).containsExactly(1);
        assertThat(loaded.pieces().get(0).name())
                .as("what is no tensor is not in the file")
                .isEqualTo("new");
    }

    @Test
    void whatDoesNotFitIsNamed() {
        var file = folder.resolve("tree.safetensors");
        TreeFiles.save(file, whole(1, "saved"));
        var other =
                new Whole(
                        List.of(
                                piece(1, Optional.empty(), ""),
                                piece(2, Optional.of(Tensor.scalar(1f)), "")),
                        Map.of("scale", Tensor.scalar(1f)),
                        Tensor.scalar(1));
        assertThatThrownBy(() -> TreeFiles.load(file, other))
                .isInstanceOf(TreeMismatchException.class)
                .hasMessageContaining("tree.safetensors")
                .hasMessageContaining("lacks 'pieces[1].bias' float32()")
                .hasMessageContaining("'extra[scale]' is float64() in the file and float32() here")
                .hasMessageContaining("also has 'pieces[0].bias' float32()")
                .hasMessageContaining("settings it was saved with");
    }

    @Test
    void manyDifferencesAreCounted() {
        var file = folder.resolve("list.safetensors");
        TreeFiles.save(file, List.of(Tensor.scalar(1f)));
        var many = IntStream.range(0, 9).mapToObj(i -> Tensor.scalar(1f)).toList();
        assertThatThrownBy(() -> TreeFiles.load(file, many))
                .hasMessageContaining("'[5]' float32() and 3 more");
    }

    @Test
    void namesMustDiffer() {
        var map = Map.of("a][b", Tensor.scalar(1f), "a", Tensor.scalar(2f));
        var nested =
                Map.of("x", Map.of("a", Map.of("b", Tensor.scalar(1f)), "a][b", Tensor.scalar(2f)));
        TreeFiles.save(folder.resolve("fine"), map);
        assertThatThrownBy(() -> TreeFiles.save(folder.resolve("same"), nested))
                .isInstanceOf(UnsupportedFileException.class)
                .hasMessageContaining("x][a][b".replace("x]", "[x]"));
    }

    @Test
    void aBareTensorIsATreeToo() {
        var file = folder.resolve("bare");
        TreeFiles.save(file, Tensor.of(new int[] {4, 5}));
        assertThat(TreeFiles.load(file, Tensor.of(new int[2])).toInts()).containsExactly(4, 5);
    }

    @Test
    void severalTreesShareAFileByPrefix() {
        var file = folder.resolve("two");
        var both = new LinkedHashMap<>(TreeFiles.named(file, "a.", List.of(Tensor.scalar(1f))));
        both.putAll(TreeFiles.named(file, "b.", List.of(Tensor.scalar(2f))));
        SafeTensors.write(file, both);
        var read = SafeTensors.read(file).tensors();
        assertThat(
                        TreeFiles.restore(file, read, "b.", List.of(Tensor.scalar(0f)))
                                .getFirst()
                                .item())
                .isEqualTo(2);
    }
}
