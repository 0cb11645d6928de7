package dev.fathom.core.tree;

import dev.fathom.core.error.TreeException;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/** How to take a record apart and put it together again, found once per class. */
final class RecordShape {
    private static final ClassValue<RecordShape> SHAPES =
            new ClassValue<>() {
                @Override
                protected RecordShape computeValue(Class<?> type) {
                    return new RecordShape(type, lookup(type));
                }
            };

    private final Class<?> type;
    private final List<String> names;
    private final MethodHandle[] accessors;
    private final MethodHandle constructor;

    private RecordShape(Class<?> type, MethodHandles.Lookup lookup) {
        this.type = type;
        RecordComponent[] components = type.getRecordComponents();
        names = Arrays.stream(components).map(RecordComponent::getName).toList();
        var types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            constructor =
                    lookup.findConstructor(type, MethodType.methodType(void.class, types))
                            .asSpreader(Object[].class, types.length)
                            .asType(MethodType.methodType(Object.class, Object[].class));
            accessors = new MethodHandle[types.length];
            for (int i = 0; i < types.length; i++) {
                accessors[i] =
                        lookup.findVirtual(type, names.get(i), MethodType.methodType(types[i]))
                                .asType(MethodType.methodType(Object.class, Object.class));
            }
        } catch (IllegalAccessException | NoSuchMethodException e) {
            throw new TreeException(closed(type));
        }
    }

    private static String closed(Class<?> type) {
        return "the record "
                + type.getName()
                + " of tensors cannot be read: its module "
                + type.getModule().getName()
                + " keeps the package closed. Add to module-info.java: opens "
                + type.getPackageName()
                + " to dev.fathom.core;";
    }

    /**
     * Public records of exported packages need no {@code opens}; for the others their module must
     * say so.
     */
    private static MethodHandles.Lookup lookup(Class<?> type) {
        // a private lookup needs both: their module opens the package, and this module reads theirs
        RecordShape.class.getModule().addReads(type.getModule());
        RecordShape.class.getModule().addReads(type.getModule()); // code on the class path, for one
        try {
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        } catch (IllegalAccessException _) {
            return MethodHandles.publicLookup();
        }
    }

    static RecordShape of(Class<?> type) {
        return SHAPES.get(type);
    }

    List<String> names() {
        return names;
    }

    Object get(Object value, int component) {
        try {
            return (Object) accessors[component].invokeExact(value);
        } catch (Throwable t) {
            throw failed("read component " + names.get(component) + " of", t);
        }
    }

    Object make(Object[] components) {
        try {
            return (Object) constructor.invokeExact(components);
        } catch (Throwable t) {
            throw failed("make", t);
        }
    }

    private RuntimeException failed(String what, Throwable t) {
        return switch (t) {
            case RuntimeException r -> r;
            case Error e -> throw e;
            case Throwable other ->
                    new IllegalStateException("cannot " + what + " a " + type.getName(), other);
        };
    }
}
