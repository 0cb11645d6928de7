package dev.fathom.core.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.core.spi.HostBuffer;
import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class StructureTest {
    record Layer(Tensor w, Optional<Tensor> b, double rate, Statistic mean) {}

    record Other(Tensor w, Optional<Tensor> b, double rate, Statistic mean) {}

    record Model(List<Layer> layers, Map<String, Tensor> named, Object rest) {}

    /** A record that is a map as well, of the same tensors: what counts is that it is a record. */
    record Both(Tensor a) implements Map<String, Tensor> {
        private Map<String, Tensor> map() {
            return Map.of("a", a);
        }

        @Override
        public int size() {
            return map().size();
        }

        @Override
        public boolean isEmpty() {
            return map().isEmpty();
        }

        @Override
        public boolean containsKey(Object key) {
            return map().containsKey(key);
        }

        @Override
        public boolean containsValue(Object value) {
            return map().containsValue(value);
        }

        @Override
        public @Nullable Tensor get(Object key) {
            return map().get(key);
        }

        @Override
        public Tensor put(String key, Tensor value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Tensor remove(Object key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void putAll(Map<? extends String, ? extends Tensor> all) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void clear() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> keySet() {
            return map().keySet();
        }

        @Override
        public Collection<Tensor> values() {
            return map().values();
        }

        @Override
        public Set<Map.Entry<String, Tensor>> entrySet() {
            return map().entrySet();
        }
    }

    private static Tensor tensor() {
        return Array.of(
                new TensorType(Shape.of(2), DType.FLOAT32), HostBuffer.allocate(DType.FLOAT32, 2));
    }

    private static Layer layer(boolean bias, double rate) {
        return new Layer(
                tensor(),
                bias ? Optional.of(tensor()) : Optional.empty(),
                rate,
                new Statistic(tensor()));
    }

    private static Model model(Object rest, Layer... layers) {
        var named = new LinkedHashMap<String, Tensor>();
        named.put("a", tensor());
        named.put("b", tensor());
        return new Model(List.of(layers), named, rest);
    }

    private static boolean matches(Object one, Object other) {
        return Tree.flatten(one).structure().matches(other, new ArrayList<>());
    }

    /** For every pair it says what a comparison of both structures says, and finds the leaves. */
    @Test
    void matchesWhatFlattensToTheSameStructure() {
        var other = layer(true, 1);
        var swapped = new LinkedHashMap<String, Tensor>();
        swapped.put("b", tensor());
        swapped.put("a", tensor());
        List<Object> values =
                List.of(
                        tensor(),
                        new Statistic(tensor()),
                        List.of(),
                        List.of(tensor()),
                        List.of(tensor(), tensor()),
                        Optional.of(tensor()),
                        Map.of("a", tensor()),
                        new Both(tensor()),
                        "text",
                        4,
                        layer(true, 1),
                        layer(true, 2),
                        layer(false, 1),
                        new Other(other.w(), other.b(), other.rate(), other.mean()),
                        model("x", layer(true, 1), layer(false, 2)),
                        model("x", layer(true, 1), layer(false, 2)),
                        model("y", layer(true, 1), layer(false, 2)),
                        model(tensor(), layer(true, 1), layer(false, 2)),
                        model("x", layer(true, 1)),
                        new Model(List.of(layer(true, 1)), swapped, "x"));
        for (var a : values) {
            for (var b : values) {
                var leaves = new ArrayList<Tensor>();
                boolean matches = Tree.flatten(a).structure().matches(b, leaves);
                assertThat(matches)
                        .as("%s and %s", a, b)
                        .isEqualTo(Tree.flatten(a).structure().equals(Tree.flatten(b).structure()));
                if (matches) {
                    assertThat(leaves).isEqualTo(Tree.leaves(b));
                }
            }
        }
    }

    @Test
    void nothingIsNotAnything() {
        assertThat(Tree.flatten(tensor()).structure().matches(null, new ArrayList<>())).isFalse();
        assertThat(matches(List.of(tensor()), Arrays.asList((Object) null))).isFalse();
    }
}
