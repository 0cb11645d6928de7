package dev.fathom.io.safetensors;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;
import dev.fathom.io.error.TreeMismatchException;
import dev.fathom.io.error.UnsupportedFileException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Models, optimizer states and other trees in safetensors files. Each tensor goes by its path, such
 * as {@code layers[2].weight}; running statistics are saved like every other tensor. What is not a
 * tensor (sizes, functions) is not in the file: it comes from the tree that is loaded into.
 */
public final class TreeFiles {
    private static final int SHOWN = 5;

    private TreeFiles() {}

    /** Saves the tensors of {@code tree} and some text. */
    public static void save(Path file, Object tree, Map<String, String> metadata) {
        SafeTensors.write(file, named(file, "", tree), metadata);
    }

    /** {@link #save(Path, Object, Map)} without text. */
    public static void save(Path file, Object tree) {
        save(file, tree, Map.of());
    }

    /**
     * A tree like {@code like} with the tensors of the file.
     *
     * @throws TreeMismatchException naming what is missing, left over, or of another type
     */
    public static <T> T load(Path file, T like) {
        return restore(file, SafeTensors.read(file).tensors(), "", like);
    }

    /**
     * The tensors of a tree by prefix and path, for files that hold several trees.
     *
     * @param file what the tensors are for; named in messages
     * @throws UnsupportedFileException if two tensors have the same path
     */
    public static Map<String, Tensor> named(Path file, String prefix, Object tree) {
        var map = new LinkedHashMap<String, Tensor>();
        for (var leaf : Tree.flatten(tree).leaves()) {
            var name = prefix + leaf.path();
            if (map.put(name, leaf.tensor()) != null) {
                throw new UnsupportedFileException(
                        file,
                        "two tensors have the name '"
                                + name
                                + "'; rename a map key that contains brackets");
            }
        }
        return map;
    }

    /**
     * A tree like {@code like} from those of {@code tensors} whose names begin with {@code prefix}.
     */
    public static <T> T restore(Path file, Map<String, Tensor> tensors, String prefix, T like) {
        var left = new LinkedHashMap<String, Tensor>(tensors);
        left.keySet().removeIf(n -> !n.startsWith(prefix));
        var missing = new ArrayList<String>();
        var different = new ArrayList<String>();
        boolean kept = false; // short weights are what does not fit
        for (var wanted : named(file, prefix, like).entrySet()) {
            var name = wanted.getKey();
            var type = wanted.getValue().type();
            var found = tensors.get(name);
            left.remove(name);
            if (found == null) {
                missing.add("'" + name + "' " + type);
            } else if (!found.type().equals(type)) {
                kept |= found.dtype().isStorage();
                different.add(
                        "'" + name + "' is " + found.type() + " in the file and " + type + " here");
            }
        }
        if (!missing.isEmpty() || !different.isEmpty() || !left.isEmpty()) {
            var extra =
                    left.entrySet().stream()
                            .map(e -> "'" + e.getKey() + "' " + e.getValue().type())
                            .toList();
            kept |= left.values().stream().anyMatch(t -> t.dtype().isStorage());
            throw new TreeMismatchException(file, differences(missing, different, extra, kept));
        }
        return Tree.mapLeaves(
                leaf -> {
                    var found = tensors.get(prefix + leaf.path());
                    return found == null ? leaf.tensor() : found;
                },
                like);
    }

    private static String differences(
            List<String> missing, List<String> different, List<String> extra, boolean kept) {
        var parts = new ArrayList<String>();
        if (!missing.isEmpty()) {
            parts.add("the file lacks " + some(missing));
        }
        if (!different.isEmpty()) {
            parts.add(some(different));
        }
        if (!extra.isEmpty()) {
            parts.add("the file also has " + some(extra));
        }
        return String.join("; ", parts)
                + (kept
                        ? ". The file keeps weights in bfloat16: load it into what was saved, such"
                                + " as Policy.keeping(DType.BFLOAT16).keep(model), or use"
                                + " SafeTensors.readWidening and pick the tensors by name"
                        : ". Load it into a model made with the settings it was saved with, or use"
                                + " SafeTensors.read and pick the tensors by name");
    }

    private static String some(List<String> list) {
        var text = String.join(", ", list.subList(0, Math.min(SHOWN, list.size())));
        return list.size() > SHOWN ? text + " and " + (list.size() - SHOWN) + " more" : text;
    }
}
