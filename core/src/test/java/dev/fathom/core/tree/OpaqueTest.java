package dev.fathom.core.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.error.TreeException;
import dev.fathom.core.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.function.UnaryOperator;

class OpaqueTest {
    record Part(Tensor weight) {}

    record WithArray(Part first, Part[] rest) {}

    static final class Helper {
        final Tensor hidden = Tensor.of(new float[] {1});
    }

    record WithHelper(Tensor weight, Helper helper) {}

    record WithFunction(Tensor weight, UnaryOperator<Tensor> function, int[] sizes) {}

    private static Part part() {
        return new Part(Tensor.of(new float[] {1, 2}));
    }

    @Test
    void anArrayOfPartsIsRefusedByName() {
        var model = new WithArray(part(), new Part[] {part()});
        assertThatThrownBy(() -> Tree.flatten(model))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining(
                        "rest is an array of Part, which a model cannot hold; use a List");
    }

    @Test
    void anOrdinaryClassWithTensorsIsRefusedByName() {
        var model = new WithHelper(part().weight(), new Helper());
        assertThatThrownBy(() -> Tree.flatten(model))
                .isInstanceOf(TreeException.class)
                .hasMessageContaining("helper is a ")
                .hasMessageContaining("make it a record");
    }

    @Test
    void functionsAndArraysOfNumbersStayAsTheyAre() {
        var constant = part().weight();
        var model = new WithFunction(part().weight(), _ -> constant, new int[] {1, 2});
        assertThat(Tree.named(model)).containsOnlyKeys("weight");
    }
}
