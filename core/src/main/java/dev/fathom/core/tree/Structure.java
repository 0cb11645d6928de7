package dev.fathom.core.tree;

import dev.fathom.core.tensor.Tensor;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * What remains of a tree when its tensors are taken out: classes, sizes, keys and all that is not a
 * tensor. Two trees of equal structure can be combined leaf by leaf; {@code jit} compiles once per
 * structure.
 */
public sealed interface Structure {
    /** A tensor's place. */
    record Leaf() implements Structure {}

    /** The place of a {@link Statistic}. */
    record Untrained() implements Structure {}

    /** Something that is not a tensor, kept as it is: a number, an enum, a function. */
    record Static(Object value) implements Structure {}

    /** A record. */
    record OfRecord(Class<?> type, List<Structure> components) implements Structure {}

    /** A list. */
    record OfList(List<Structure> elements) implements Structure {}

    /** A map with string keys, in its order. */
    record OfMap(List<String> keys, List<Structure> values) implements Structure {}

    /** An {@link Optional}. */
    record OfOptional(Optional<Structure> value) implements Structure {}

    /** Puts a value of this structure together from tensors, taken in order. */
    default Object build(Iterator<Tensor> leaves) {
        return switch (this) {
            case Leaf() -> leaves.next();
            case Untrained() -> new Statistic(leaves.next());
            case Static(Object value) -> value;
            case OfRecord(Class<?> type, List<Structure> components) ->
                    RecordShape.of(type)
                            .make(components.stream().map(c -> c.build(leaves)).toArray());
            case OfList(List<Structure> elements) ->
                    elements.stream().map(e -> e.build(leaves)).toList();
            case OfMap(List<String> keys, List<Structure> values) -> {
                var map = new LinkedHashMap<String, Object>();
                for (int i = 0; i < keys.size(); i++) {
                    map.put(keys.get(i), values.get(i).build(leaves));
                }
                yield Collections.unmodifiableMap(map);
            }
            case OfOptional(Optional<Structure> value) -> value.map(v -> v.build(leaves));
        };
    }
}
