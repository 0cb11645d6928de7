package dev.fathom.core.transform;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.core.tree.Tree;

import java.util.List;

/** Trees back to the types their callers know. */
final class Trees {
    private Trees() {}

    @SuppressWarnings("unchecked") // the caller took a tree of this type apart
    static <T> T cast(Object tree) {
        return (T) tree;
    }

    static <T> T build(Tree.Flat like, List<Tensor> tensors) {
        return cast(like.with(tensors));
    }
}
