package dev.fathom.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AxesTest {

    @Test
    void listsOfInts() {
        var a = Axes.of(2, 0);
        assertThat(a.prepend(5)).isEqualTo(Axes.of(5, 2, 0));
        assertThat(a.concat(Axes.range(3, 5))).isEqualTo(Axes.of(2, 0, 3, 4));
        assertThat(a.shift(1)).isEqualTo(Axes.of(3, 1));
        assertThat(a.indexOf(0)).isEqualTo(1);
        assertThat(a.contains(1)).isFalse();
        assertThat(Axes.repeat(7, 2)).isEqualTo(Axes.of(7, 7)).hasToString("[7, 7]");
        assertThat(a).hasSameHashCodeAs(Axes.of(2, 0)).isNotEqualTo(Axes.of(0, 2));
    }

    @Test
    void setsOfAxes() {
        assertThat(Axes.of(2, 0).complement(4)).isEqualTo(Axes.of(1, 3));
        assertThat(Axes.of(2, 0).areAxesOf(3)).isTrue();
        assertThat(Axes.of(2, 0).areAxesOf(2)).isFalse();
        assertThat(Axes.of(1, 1).areAxesOf(2)).isFalse();
        assertThat(Axes.of(-1).areAxesOf(2)).isFalse();
    }

    @Test
    void permutations() {
        var p = Axes.of(2, 0, 1);
        assertThat(p.isPermutation(3)).isTrue();
        assertThat(p.inverse()).isEqualTo(Axes.of(1, 2, 0));
        assertThat(p.inverse().inverse()).isEqualTo(p);
        assertThat(Axes.of(0, 0, 1).isPermutation(3)).isFalse();
        assertThat(Axes.of(0, 1).isIdentity()).isTrue();
        assertThat(p.isIdentity()).isFalse();
    }
}
