package dev.fathom.core.tree;

import dev.fathom.core.tensor.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /**
     * Whether {@code value} is of this structure; if so, its tensors have been added to {@code
     * leaves}, in order. What {@link Tree#flatten} finds, without the paths: a record is one, even
     * if it is a list or a map as well.
     */
    default boolean matches(@Nullable Object value, List<? super Tensor> leaves) {
        return switch (this) {
            case Leaf() -> value instanceof Tensor t && leaves.add(t);
            case Untrained() -> value instanceof Statistic(Tensor t) && leaves.add(t);
            case Static(Object own) -> own.equals(value);
            case OfRecord(Class<?> type, List<Structure> components) -> {
                if (value == null || value.getClass() != type) {
                    yield false;
                }
                var shape = RecordShape.of(type);
                for (int i = 0; i < components.size(); i++) {
                    if (!components.get(i).matches(shape.get(value, i), leaves)) {
                        yield false;
                    }
                }
                yield true;
            }
            case OfList(List<Structure> elements) -> {
                if (!(value instanceof List<?> list)
                        || value instanceof Record
                        || list.size() != elements.size()) {
                    yield false;
                }
                for (int i = 0; i < elements.size(); i++) {
                    if (!elements.get(i).matches(list.get(i), leaves)) {
                        yield false;
                    }
                }
                yield true;
            }
            case OfMap(List<String> keys, List<Structure> values) -> {
                if (!(value instanceof Map<?, ?> map)
                        || value instanceof Record
                        || map.size() != keys.size()) {
                    yield false;
                }
                int i = 0;
                for (var e : map.entrySet()) {
                    if (!keys.get(i).equals(e.getKey())
                            || !values.get(i++).matches(e.getValue(), leaves)) {
                        yield false;
                    }
                }
                yield true;
            }
            case OfOptional(Optional<Structure> own) ->
                    value instanceof Optional<?> other
                            && own.isPresent() == other.isPresent()
                            && (own.isEmpty() || own.get().matches(other.get(), leaves));
        };
    }

    /** Puts a value of this structure together from tensors, taken in order. */
    default Object build(Iterator<Tensor> leaves) {
        return switch (this) {
            case Leaf() -> leaves.next();
            case Untrained() -> new Statistic(leaves.next());
            case Static(Object value) -> value;
            case OfRecord(Class<?> type, List<Structure> components) ->
                    RecordShape.of(type).make(built(components, leaves));
            case OfList(List<Structure> elements) -> List.of(built(elements, leaves));
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

    private static Object[] built(List<Structure> parts, Iterator<Tensor> leaves) {
        var values = new Object[parts.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = parts.get(i).build(leaves);
        }
        return values;
    }
}
