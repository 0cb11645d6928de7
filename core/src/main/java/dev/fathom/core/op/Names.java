package dev.fathom.core.op;

/** Names of operations, from their records. */
final class Names {
    private static final ClassValue<String> NAMES =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> type) {
                    var simple = type.getSimpleName();
                    return Character.toLowerCase(simple.charAt(0)) + simple.substring(1);
                }
            };

    private Names() {}

    static String of(Class<?> type) {
        return NAMES.get(type);
    }
}
