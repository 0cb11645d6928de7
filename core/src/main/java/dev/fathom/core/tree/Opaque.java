package dev.fathom.core.tree;

import dev.fathom.core.error.TreeException;
import dev.fathom.core.tensor.Tensor;

import java.lang.reflect.Modifier;

/**
 * Finds tensors in places where a tree does not look, which would be trained and saved by nobody.
 */
final class Opaque {
    private static final ClassValue<Boolean> HOLDS_TENSORS =
            new ClassValue<>() {
                @Override
                protected Boolean computeValue(Class<?> type) {
                    return holdsTensors(type);
                }
            };

    private Opaque() {}

    /**
     * Refuses arrays of objects and objects of ordinary classes that have a tensor for a field.
     *
     * @throws TreeException saying what to use instead
     */
    static void check(Object value, Path path) {
        var type = value.getClass();
        if (type.isArray() && !type.getComponentType().isPrimitive()) {
            var element = type.getComponentType();
            if (Tensor.class.isAssignableFrom(element)
                    || element.isRecord()
                    || (element.isInterface()
                            && ((Object[]) value).length > 0
                            && ((Object[]) value)[0] instanceof Record)) {
                throw new TreeException(
                        path
                                + " is an array of "
                                + element.getSimpleName()
                                + ", which a model cannot hold; use a List");
            }
        }
        if (HOLDS_TENSORS.get(type)) {
            throw new TreeException(
                    path
                            + " is a "
                            + type.getName()
                            + ", an ordinary class with tensors in it, which nobody would train or"
                            + " save; make it a record");
        }
    }

    /** Lambdas may capture tensors: these are constants of the function. */
    private static boolean holdsTensors(Class<?> type) {
        if (type.isHidden() || type.isSynthetic() || type.isEnum() || type.isArray()) {
            return false;
        }
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            for (var field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())
                        && Tensor.class.isAssignableFrom(field.getType())) {
                    return true;
                }
            }
        }
        return false;
    }
}
