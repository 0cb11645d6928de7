package dev.fathom.train.loop;

import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.nn.loss.Losses.crossEntropy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.data.dataset.Batches;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.Mlp;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.Recipe;
import dev.fathom.optim.transform.Chain;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The loop in the documentation of this package, compiled and run. */
class OwnLoopTest {
    // the text from here to the end of the method stands in package-info.java
    public record Run(Mlp model, Chain.State optimizer, Tensor loss) {}

    public record Input(Run state, Tensor x, Tensor labels) {}

    static double train(Mlp model, Recipe optimizer, Batches batches, int epochs) {
        var step =
                jit((Input in) -> {
                    var r =
                            valueAndGrad((Mlp m) ->
                                            crossEntropy(m.apply(in.x(), Pass.eval()), in.labels()))
                                    .apply(in.state().model());
                    var s =
                            optimizer.update(
                                    r.gradient(), in.state().optimizer(), in.state().model());
                    return new Run(s.params(), s.state(), r.value());
                });
        var state = new Run(model, optimizer.init(model), Tensor.scalar(0f));
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (var batch : batches.epoch(epoch)) {
                state = step.apply(new Input(state, batch.features(), batch.labels()));
            }
        }
        return state.loss().item();
    }

    // ---- end of the loop

    @Test
    void itReachesTheLossOfTheTrainer() {
        var data = Toy.clouds(60, 1);
        var model = Mlp.of(data.featureShape(), 3, Key.of(2), 8);
        var batches = data.batches(20).shuffled(1);
        double loss = train(model, Adam.of(0.05), batches, 10);

        var last = new double[1];
        Listener note =
                new Listener() {
                    @Override
                    public void batchEnded(Training training, BatchResult result) {
                        last[0] = result.loss();
                    }
                };
        Trainer.of(model, Losses.crossEntropy(), Adam.of(0.05))
                .listeners(note)
                .fit(batches, Limit.epochs(10));
        assertThat(loss).isLessThan(0.5).isEqualTo(last[0]);
    }

    @Test
    void theDocumentationShowsThisLoop() throws IOException {
        var here = "dev/fathom/train/loop/";
        var test =
                squeezed(Files.readString(Path.of("src/test/java", here, "OwnLoopTest.java")), "");
        var page =
                squeezed(
                        Files.readString(Path.of("src/main/java", here, "package-info.java")), "*");
        int from = test.indexOf("publicrecordRun(Mlp");
        var loop =
                test.substring(from, test.indexOf("//----endoftheloop"))
                        .replace("publicrecord", "record");
        assertThat(page).contains(loop);
    }

    /** Without line breaks and indentation, which a formatter may change. */
    private static String squeezed(String text, String margin) {
        return String.join(
                "",
                text.lines()
                        .map(String::strip)
                        .map(l -> !margin.isEmpty() && l.startsWith(margin) ? l.substring(1) : l)
                        .map(l -> l.replaceAll("\\s", ""))
                        .toList());
    }
}
