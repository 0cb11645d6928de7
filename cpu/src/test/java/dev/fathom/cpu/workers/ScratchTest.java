package dev.fathom.cpu.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScratchTest {

    @Test
    void growsAndKeepsItsBuffers() {
        Scratch scratch = Scratch.of();
        float[] small = scratch.floats(0, 10);
        assertThat(small.length).isGreaterThanOrEqualTo(10);
        float[] large = scratch.floats(0, 5000);
        assertThat(large.length).isGreaterThanOrEqualTo(5000);
        assertThat(scratch.floats(0, 10)).isSameAs(large);
        assertThat(scratch.floats(1, 10)).isNotSameAs(large);
        assertThat(scratch.doubles(0, 7).length).isGreaterThanOrEqualTo(7);
        assertThat(scratch.ints(7, 300).length).isGreaterThanOrEqualTo(300);
    }

    @Test
    void childrenAreReservedFirst() {
        Scratch scratch = Scratch.of();
        assertThatThrownBy(() -> scratch.slot(0)).isInstanceOf(IndexOutOfBoundsException.class);
        scratch.reserve(2);
        Scratch first = scratch.slot(0);
        scratch.reserve(3);
        scratch.reserve(1);
        assertThat(scratch.slot(0)).isSameAs(first);
        assertThat(scratch.slot(1)).isNotSameAs(first);
        assertThat(scratch.slot(2).floats(0, 1)).isNotSameAs(first.floats(0, 1));
    }
}
