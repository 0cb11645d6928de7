package dev.fathom.core.tree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathTest {

    @Test
    void readsLikeJava() {
        var layers = Path.ROOT.then(new Path.Step.Field("layers"));
        var second = layers.then(new Path.Step.Index(2));
        var weight = second.then(new Path.Step.Field("weight"));
        assertThat(weight).hasToString("layers[2].weight");
        assertThat(second.then(new Path.Step.Entry("bias"))).hasToString("layers[2][bias]");
        assertThat(Path.ROOT).hasToString("(the value itself)");
        assertThat(weight.startsWith(layers)).isTrue();
        assertThat(layers.startsWith(weight)).isFalse();
        assertThat(weight.startsWith(Path.ROOT)).isTrue();
    }
}
