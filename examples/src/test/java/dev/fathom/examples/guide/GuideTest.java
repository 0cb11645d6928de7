package dev.fathom.examples.guide;

import static dev.fathom.core.math.Functions.relu;
import static dev.fathom.core.transform.Transforms.axis;
import static dev.fathom.core.transform.Transforms.grad;
import static dev.fathom.core.transform.Transforms.hvp;
import static dev.fathom.core.transform.Transforms.jit;
import static dev.fathom.core.transform.Transforms.jitDonating;
import static dev.fathom.core.transform.Transforms.valueAndGrad;
import static dev.fathom.core.transform.Transforms.vmap;
import static dev.fathom.nn.loss.Losses.crossEntropy;
import static dev.fathom.train.loop.Limit.epochs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.math.Creation;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.transform.PerSample;
import dev.fathom.core.tree.Tree;
import dev.fathom.data.augment.Augmentation;
import dev.fathom.data.catalogue.Datasets;
import dev.fathom.io.safetensors.SafeTensors;
import dev.fathom.io.safetensors.TreeFiles;
import dev.fathom.lab.instrument.landscape.Sharpness;
import dev.fathom.lab.instrument.operator.Curvature;
import dev.fathom.lab.instrument.spectrum.Lanczos;
import dev.fathom.lab.instrument.spectrum.Trace;
import dev.fathom.nn.attention.DeepNorm;
import dev.fathom.nn.attention.EncoderBlock;
import dev.fathom.nn.attention.MultiHeadAttention;
import dev.fathom.nn.layer.Activation;
import dev.fathom.nn.layer.Dense;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Pass;
import dev.fathom.nn.layer.Policy;
import dev.fathom.nn.layer.Residual;
import dev.fathom.nn.layer.Sequential;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.norm.Normalisation;
import dev.fathom.nn.norm.SpectralNorm;
import dev.fathom.nn.norm.WeightNorm;
import dev.fathom.optim.recipe.Adam;
import dev.fathom.optim.recipe.AdamW;
import dev.fathom.optim.recipe.StoredState;
import dev.fathom.optim.schedule.Schedule;
import dev.fathom.train.listener.EarlyStopping;
import dev.fathom.train.listener.ProgressBar;
import dev.fathom.train.loop.Trainer;
import dev.fathom.train.metric.Metrics;
import dev.fathom.train.mixing.MixUp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The snippets of the guide and the README: they compile, because they stand here, and they do what
 * is said.
 */
class GuideTest {
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    /** The snippet that is a whole program. */
    private static final String PROGRAM = "import static";

    record Mlp(Dense hidden, Dense output) implements Layer {
        static Mlp of(int in, int width, int classes, Key key) {
            var keys = key.split(2);
            return new Mlp(Dense.of(in, width, keys[0]), Dense.of(width, classes, keys[1]));
        }

        public Tensor apply(Tensor x, Pass pass) { // x: (n, ..)
            return output.apply(relu(hidden.apply(x.flatten(1), pass)), pass); // (n, classes)
        }
    }

    @Test
    void tensorsAndDerivatives() {
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor b = a.times(2).plus(1).sum(0); // (3,)
        float[] numbers = b.toFloats(); // 12, 16, 20
        assertThat(numbers).containsExactly(12, 16, 20);

        Key key = Key.of(42);
        Tensor weights = key.stream("weights").normal(784, 10);
        Tensor mask = key.stream("mask").bernoulli(0.5, 784);
        assertThat(weights.mean().item()).isCloseTo(0, within(0.05)); // 7840 draws: sd 0.011
        assertThat(mask.shape().dims()).containsExactly(784);

        Function<Tensor, Tensor> f = x -> x.square().sum();
        Tensor gradient = grad(f).apply(a); // 2 a
        Tensor curvature = hvp(f, a, Tensor.ones(2, 3)); // H v, without H
        Tensor perRow = vmap(grad(f), axis(0)).apply(a); // one gradient for each row
        Tensor fast = jit(grad(f)).apply(a); // recorded once, then run as one planned program
        assertThat(gradient.toFloats()).containsExactly(2, 4, 6, 8, 10, 12);
        assertThat(perRow.toFloats()).containsExactly(gradient.toFloats());
        assertThat(fast.toFloats()).containsExactly(gradient.toFloats());
        assertThat(curvature.toFloats()).containsOnly(2);
    }

    @Test
    void trainingAndFiles(@TempDir Path folder) {
        Key key = Key.of(42);
        var data = Datasets.load("digits").normalised();
        var model = Mlp.of(64, 32, 10, key);
        var fit =
                Trainer.of(model, Losses.crossEntropy(), Adam.of(1e-2))
                        .metrics(Metrics.accuracy())
                        .listeners(ProgressBar.to(System.out), EarlyStopping.of(3))
                        .fit(data.train().batches(64).shuffled(1), epochs(5), data.test());
        assertThat(fit.history().getLast().validation().get("accuracy")).isGreaterThan(0.85);

        var file = folder.resolve("model.safetensors");
        TreeFiles.save(file, model);
        var loaded = TreeFiles.load(file, Mlp.of(64, 32, 10, key));
        assertThat(Tree.named(loaded)).containsOnlyKeys(Tree.named(model).keySet());
        assertThat(loaded.hidden().weight().toFloats())
                .containsExactly(model.hidden().weight().toFloats());

        Tensor x = data.test().take(8).all().features();
        Tensor labels = data.test().take(8).all().labels();
        var gradient =
                grad((Mlp m) -> crossEntropy(m.apply(x, Pass.eval()), labels))
                        .apply(model); // an Mlp of gradients
        assertThat(gradient.hidden().weight().type()).isEqualTo(model.hidden().weight().type());
    }

    @Test
    void numbersInHalfTheMemory(@TempDir Path folder) {
        Key key = Key.of(42);
        var data = Datasets.load("digits").normalised();
        var model = Mlp.of(64, 32, 10, key);
        var fit =
                Trainer.of(model, Losses.crossEntropy(), Adam.of(1e-2))
                        .metrics(Metrics.accuracy())
                        .fit(data.train().batches(64).shuffled(1), epochs(5), data.test());
        Tensor x = data.test().take(8).all().features();
        var file = folder.resolve("small.safetensors");

        var half = Policy.keeping(DType.BFLOAT16);
        var small = half.keep(fit.model()); // a layer like any other, its weights in two bytes
        Tensor scores = jit((Tensor t) -> small.apply(t, Pass.eval())).apply(x); // float32 (8, 10)
        TreeFiles.save(file, small); // BF16 in the file
        var back = TreeFiles.load(file, half.keep(Mlp.of(64, 32, 10, Key.of(1)))); // kept alike
        Mlp again = half.computed(back.net()); // float32, to train on
        assertThat(scores.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(scores.argMax(-1).toInts())
                .isEqualTo(fit.model().apply(x, Pass.eval()).argMax(-1).toInts());
        assertThat(SafeTensors.read(file).tensors().values())
                .allMatch(t -> t.dtype() == DType.BFLOAT16);
        assertThat(back.apply(x, Pass.eval()).toFloats()).containsExactly(scores.toFloats());
        assertThat(again.apply(x, Pass.eval()).toFloats()).containsExactly(scores.toFloats());

        var careful = Policy.keeping(DType.FLOAT32).answering(DType.FLOAT64);
        var shortMean = StoredState.of(Adam.of(1e-2), "mean"); // 6 bytes a weight instead of 8
        var frugal =
                Trainer.of(careful.keep(model), Losses.crossEntropy(), shortMean)
                        .metrics(Metrics.accuracy())
                        .fit(data.train().batches(64).shuffled(1), epochs(5), data.test());
        assertThat(frugal.history().getLast().validation().get("accuracy"))
                .isCloseTo(fit.history().getLast().validation().get("accuracy"), within(0.03));
    }

    @Test
    void oneSampleAtATime() {
        Key key = Key.of(42);
        var model = Mlp.of(64, 32, 10, key);
        var data = Datasets.load("digits").normalised();
        Tensor x = data.test().take(8).all().features();
        Tensor labels = data.test().take(8).all().labels();
        record Batch(Tensor x, Tensor y) {}
        BiFunction<Mlp, Batch, Tensor> each =
                (m, b) -> crossEntropy(m.apply(b.x(), Pass.eval()), b.y());
        var eight = new Batch(x, labels);
        Mlp all =
                PerSample.gradients(each)
                        .apply(model, eight); // each tensor with a first axis for the samples
        Tensor lengths = PerSample.norms(each).apply(model, eight); // (8,)
        var clipped = PerSample.clippedSum(each, 1.0).apply(model, eight); // its sum is an Mlp
        Tensor kernel =
                PerSample.tangentKernel((Mlp m, Tensor t) -> m.apply(t, Pass.eval()))
                        .apply(model, x); // (8, 10, 8, 10)
        assertThat(Tree.norm(Tree.map(t -> t.get(3), all)).item())
                .isCloseTo(lengths.get(3).item(), within(1e-4));
        assertThat(lengths.min().item()).isGreaterThan(1); // all are clipped
        assertThat(Tree.norm(clipped.sum()).item()).isLessThanOrEqualTo(8);
        assertThat(kernel.shape().dims()).containsExactly(8, 10, 8, 10);
    }

    @Test
    void remedies() {
        Key key = Key.of(42);
        var data = Datasets.load("digits").normalised();
        var model = Mlp.of(64, 32, 10, key);
        var batches =
                data.train()
                        .batches(64)
                        .shuffled(1)
                        .augmented(Augmentation.shift(1).then(Augmentation.rotate(10)));
        var remedied =
                Trainer.of(
                                model,
                                Losses.smoothedCrossEntropy(0.1),
                                AdamW.of(Schedule.oneCycle(1e-2, 3 * batches.count())))
                        .mixing(MixUp.of(0.2))
                        .fit(batches.prefetch(2), epochs(3), data.test());
        // smoothed by 0.1, the least that is possible is 0.5003 and guessing is ln 10 = 2.303
        assertThat(remedied.history().getLast().validation().get("loss")).isBetween(0.5003, 1.8);
    }

    @Test
    void deepNetworks() {
        Key key = Key.of(42);
        Layer body =
                Sequential.of(
                        Dense.of(64, 64, key),
                        Activation.RELU,
                        Dense.of(64, 64, key),
                        Normalisation.layer(64));
        Layer residual = Residual.of(body).withZeroBranch(); // begins as the identity
        Layer weightNorm = WeightNorm.of(Dense.of(64, 10, key));
        Layer spectral = SpectralNorm.of(Dense.of(64, 10, key), key); // largest singular value 1
        var deep =
                EncoderBlock.of(64, 4, key)
                        .withDeepNorm(DeepNorm.stack(200)); // for a stack of 200 blocks
        Tensor x = key.normal(8, 64); // (n, features)
        assertThat(residual.apply(x, Pass.eval()).toFloats()).containsExactly(x.toFloats());
        assertThat(weightNorm.apply(x, Pass.eval()).dim(1)).isEqualTo(10);
        assertThat(spectral.apply(x, Pass.eval()).dim(1)).isEqualTo(10);
        assertThat(deep.alpha()).isCloseTo(Math.pow(400, 0.25), within(1e-12));
    }

    record Named(Dense hidden, Dense output) implements Layer {
        public Tensor apply(
                Tensor x, Pass pass) { // "hidden Dense" and "output Dense", not "Dense" twice
            return pass.child("output", output, relu(pass.child("hidden", hidden, x)));
        }
    }

    @Test
    void fieldsHaveNamesInProfilesAndMessages() {
        Tensor x = Key.of(1).normal(16, 4);
        var model = Mlp.of(4, 5, 3, Key.of(2));
        var named = new Named(model.hidden(), model.output());
        var profile =
                jit(grad((Named m) -> m.apply(x, Pass.eval()).square().sum())).profile(named, 1);
        assertThat(profile.layers())
                .extracting(cost -> cost.name())
                .contains("hidden Dense", "output Dense")
                .doesNotContain("Dense");
        assertThatThrownBy(() -> named.apply(Tensor.ones(2, 7), Pass.eval()))
                .hasMessageContaining("in layer hidden Dense");
    }

    record Step(Mlp model, Tensor loss) {}

    @Test
    void aLoopOfYourOwn() {
        Tensor images = Key.of(1).normal(16, 4);
        Tensor labels = Tensor.of(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0});
        var fresh = Mlp.of(4, 5, 3, Key.of(2));
        var step =
                jitDonating((Mlp m, Tensor batch) -> {
                    var r =
                            valueAndGrad((Mlp w) ->
                                            crossEntropy(w.apply(batch, Pass.eval()), labels))
                                    .apply(m);
                    return new Step(
                            Tree.zip((w, g) -> w.minus(g.times(0.1)), m, r.gradient()), r.value());
                });
        Step first = step.apply(fresh, images);
        Step second = step.apply(first.model(), images);
        assertThat(second.loss().item()).isLessThan(first.loss().item());
        assertThat(step.traces()).isEqualTo(1);
    }

    @Test
    void sequences() {
        Key key = Key.of(42);
        Tensor texts = key.normal(2, 6, 64);
        Tensor mask = Tensor.of(new boolean[] {true, true, true, true, true, false}, 1, 6);
        var attention = MultiHeadAttention.of(64, 4, key).withCausal();
        Tensor before =
                attention.apply(
                        texts, Pass.eval()); // each position looks at itself and those before
        Tensor some =
                attention.apply(
                        texts,
                        mask,
                        Pass.eval()); // and only where the mask, bool (.., t, t), is true
        assertThat(before.slice(1, 0, 5).toFloats()).isEqualTo(some.slice(1, 0, 5).toFloats());
        assertThat(before.toFloats()).isNotEqualTo(some.toFloats());
    }

    @Test
    void whereTheTimeGoes() {
        Tensor x = Key.of(1).normal(16, 4);
        Tensor labels = Tensor.of(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0});
        var model = Mlp.of(4, 5, 3, Key.of(2));
        Function<Mlp, Tensor> loss = m -> crossEntropy(m.apply(x, Pass.eval()), labels);
        var profile = jit(loss).profile(model, 20); // of 20 runs, after 20 others, the middle ten
        String page = profile.html("The loss of my model"); // layers, and kernels in them
        assertThat(profile.runs()).isEqualTo(10);
        String way = jit(loss).explain(model); // recorded, rewritten, planned: long
        String plan = jit(loss).plan(model); // what goes in, what comes out, the plan
        assertThat(way).contains("recorded:").endsWith(plan.substring(plan.indexOf("\nplan:")));
        assertThat(plan).contains("takes, ", "hidden.weight", "returns, ", "level 1");
        assertThat(page).contains("The loss of my model", "dot 16x4x5");
    }

    @Test
    void instruments() {
        Key key = Key.of(42);
        var model = Mlp.of(4, 5, 3, key);
        Tensor x = key.normal(16, 4);
        Tensor labels = Tensor.of(new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0});
        Function<Mlp, Tensor> loss = m -> crossEntropy(m.apply(x, Pass.eval()), labels);
        var hessian = Curvature.hessian(loss, model); // p × p, never formed
        double largest = Lanczos.of(hessian, 20, key).largest();
        var trace = Trace.hutchPlusPlus(hessian, 60, key); // value and standard error
        double sharpness = Sharpness.eigenvalue(loss, model, 30, key).value();
        assertThat(sharpness).isCloseTo(largest, within(1e-2 * largest));
        double sum =
                hessian.dense()
                        .times(Creation.eye(hessian.dense().dtype(), hessian.dense().dim(0)))
                        .sum()
                        .item();
        assertThat(trace.value()).isCloseTo(sum, within(5 * trace.error() + 1e-3));
    }

    @Test
    void everySnippetStandsInThisFile() throws IOException {
        var root = root();
        var here = "examples/src/test/java/dev/fathom/examples/guide/GuideTest.java";
        var code = flat(Files.readString(root.resolve(here)));
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (var page : List.of("docs/guide.md", "README.md")) {
            var m = SNIPPET.matcher(Files.readString(root.resolve(page)));
            while (m.find()) {
                found++;
                if (m.group(1).startsWith(PROGRAM)) {
                    continue; // the test below runs it
                }
                for (var part : m.group(1).split("\n\n(?=var |record )")) {
                    if (!code.contains(flat(part))) {
                        missing.add(page + ":\n" + part);
                    }
                }
            }
        }
        assertThat(found).isGreaterThanOrEqualTo(7);
        assertThat(missing).as("snippets that no test compiles").isEmpty();
    }

    @Test
    void theProgramOfYourOwnRunsAsItStands(@TempDir Path folder) throws Exception {
        var m = SNIPPET.matcher(Files.readString(root().resolve("docs/guide.md")));
        assertThat(m.find()).isTrue();
        assertThat(m.group(1)).startsWith(PROGRAM);
        var file = Files.writeString(folder.resolve("Digits.java"), m.group(1));
        var jars =
                Stream.of("java.class.path", "jdk.module.path")
                        .map(path -> System.getProperty(path, ""))
                        .filter(path -> !path.isEmpty())
                        .collect(Collectors.joining(File.pathSeparator));
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + root().resolve("tools/java.options"));
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "--class-path", jars));
        command.add(file.toString());
        var process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        var said = String.join("\n", process.inputReader().lines().toList());
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("accuracy");
        assertThat(folder.resolve("digits.safetensors")).isNotEmptyFile();
    }

    /** Each class that the snippets use stands in the row of its package. */
    @Test
    void theTableNamesThePackagesOfTheSnippets() throws IOException {
        var rows =
                Files.readAllLines(root().resolve("docs/guide.md")).stream()
                        .filter(line -> line.startsWith("| `dev.fathom."))
                        .toList();
        var here = "examples/src/test/java/dev/fathom/examples/guide/GuideTest.java";
        var imports =
                Pattern.compile("import (static )?(dev\\.fathom\\.[a-z.]+)\\.(\\w+)(\\.(\\w+))?;")
                        .matcher(Files.readString(root().resolve(here)));
        List<String> missing = new ArrayList<>();
        while (imports.find()) {
            var room = "`" + imports.group(2) + "`";
            var name = "`" + (imports.group(5) == null ? imports.group(3) : imports.group(5)) + "`";
            if (rows.stream().noneMatch(row -> row.contains(room) && row.contains(name))) {
                missing.add(imports.group());
            }
        }
        assertThat(rows).hasSizeGreaterThan(10);
        assertThat(missing).isEmpty();
    }

    private static String flat(String code) {
        return code.replaceAll("\\s+", "");
    }

    private static Path root() {
        var folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/guide.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
