package dev.fathom.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.op.Source;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

class ReferenceSourceTest {

    /** The known answers for Threefry-2x32-20 that come with the authors' library Random123. */
    @Test
    void threefryGivesTheKnownAnswers() {
        assertThat(ReferenceSource.threefry(0, 0, 0, 0)).containsExactly(0x6b200159, 0x99ba4efe);
        assertThat(ReferenceSource.threefry(-1, -1, -1, -1))
                .containsExactly(0x1cb996fc, 0xbb002be7);
        assertThat(ReferenceSource.threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))
                .containsExactly(0xc4923a9c, 0x483df7a0);
    }

    @Test
    void bitsAreAFunctionOfKeyAndPosition() {
        Tensor keys = Tensor.of(new int[] {0, 0, 5, 6}, 2, 2);
        Tensor bits = Oracle.of(new Source.RandomBits(Shape.of(2, 2)), keys);
        assertThat(bits.shape()).isEqualTo(Shape.of(2, 2, 2));
        var expected = new int[8];
        for (int c = 0; c < 4; c++) {
            int[] first = ReferenceSource.threefry(0, 0, 0, c);
            int[] second = ReferenceSource.threefry(5, 6, 0, c);
            expected[c] = first[0] ^ first[1];
            expected[4 + c] = second[0] ^ second[1];
        }
        assertThat(bits.toInts()).isEqualTo(expected);
        assertThat(bits.toInts()[0]).isEqualTo(0x6b200159 ^ 0x99ba4efe);
        Tensor row = Oracle.of(new Source.RandomBits(Shape.of(4)), Tensor.of(new int[] {5, 6}));
        assertThat(row.toInts())
                .containsExactly(expected[4], expected[5], expected[6], expected[7]);
    }

    @Test
    void iota() {
        assertThat(Oracle.of(new Source.Iota(Shape.of(2, 3), 1, DType.INT64)).toLongs())
                .containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(Oracle.of(new Source.Iota(Shape.of(2, 3), 0, DType.FLOAT32)).toFloats())
                .containsExactly(0, 0, 0, 1, 1, 1);
        assertThat(Oracle.of(new Source.Iota(Shape.of(0), 0, DType.INT32)).size()).isZero();
    }
}
