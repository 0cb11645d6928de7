package dev.fathom.bench.workload;

import dev.fathom.core.tensor.Shape;
import dev.fathom.nn.loss.Losses;
import dev.fathom.nn.zoo.VisionTransformer;
import dev.fathom.optim.recipe.AdamW;

/** The vision transformer of the table. */
final class Vit {
    private static final int BATCH = 64;
    private static final int PATCH = 4;
    private static final int WIDTH = 192;
    private static final int DEPTH = 6;
    private static final int HEADS = 3;

    private Vit() {}

    static Workload workload() {
        var image = Shape.of(32, 32, 3);
        var config = new VisionTransformer.Config(PATCH, WIDTH, DEPTH, HEADS, 4 * WIDTH);
        double patches = 64;
        double tokens = patches + 1;
        double embed = patches * PATCH * PATCH * 3 * WIDTH;
        double block = tokens * (12.0 * WIDTH * WIDTH + 2 * tokens * WIDTH);
        double head = WIDTH * (double) Workloads.CLASSES;
        return new Training(
                "vit",
                "ViT-tiny on 32×32×3, patches of 4, 6 blocks of width 192, batch 64, AdamW",
                2.0 * BATCH * (2 * embed + 3 * (DEPTH * block + head)),
                key -> VisionTransformer.of(image, Workloads.CLASSES, config, key),
                Losses::crossEntropy,
                AdamW.of(Workloads.RATE),
                key -> Workloads.classified(key, BATCH, 32, 32, 3));
    }
}
