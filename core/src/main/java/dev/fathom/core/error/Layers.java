package dev.fathom.core.error;

import java.util.function.Supplier;

/**
 * Names of the layers being run, outermost first, so that messages can say where something
 * happened.
 */
public final class Layers {
    private static final ScopedValue<String> CURRENT = ScopedValue.newInstance();

    private Layers() {}

    /** Runs {@code body} inside a layer called {@code name}. */
    public static <T> T in(String name, Supplier<T> body) {
        var full = CURRENT.isBound() ? CURRENT.get() + " > " + name : name;
        return ScopedValue.where(CURRENT, full).call(body::get);
    }

    /** The layers being run, {@code a > b}; empty outside every layer. */
    public static String path() {
        return CURRENT.isBound() ? CURRENT.get() : "";
    }

    /** Runs {@code body} as if inside the layers of {@code path}, whatever runs it. */
    public static <T> T at(String path, Supplier<T> body) {
        return path.isEmpty() ? body.get() : ScopedValue.where(CURRENT, path).call(body::get);
    }

    /** {@code " in layer a > b"}, or nothing outside every layer. */
    public static String where() {
        return CURRENT.isBound() ? " in layer " + CURRENT.get() : "";
    }
}
