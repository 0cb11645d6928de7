package dev.fathom.core.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.stream.IntStream;

/** What a person may have meant who wrote a name that there is not. */
public final class Spelling {
    private Spelling() {}

    /**
     * {@code " (did you mean 'x'?)"} for the name nearest to {@code word}, if at most half of it,
     * or two letters, are different; else nothing.
     */
    public static String hint(String word, Collection<String> names) {
        return names.stream()
                .filter(name -> isNear(word, name))
                .min(Comparator.comparingInt(name -> distance(word, name)))
                .map(name -> " (did you mean '" + name + "'?)")
                .orElse("");
    }

    private static boolean isNear(String word, String name) {
        int distance = distance(word, name);
        return distance < word.length() && 2 * distance <= Math.max(4, word.length());
    }

    /** How many letters must be put in, taken out or changed, whatever their case. */
    public static int distance(String a, String b) {
        var before = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            var now = new int[b.length() + 1];
            now[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same =
                        Character.toLowerCase(a.charAt(i - 1))
                                == Character.toLowerCase(b.charAt(j - 1));
                now[j] =
                        Math.min(
                                before[j - 1] + (same ? 0 : 1),
                                Math.min(before[j], now[j - 1]) + 1);
            }
            before = now;
        }
        return before[b.length()];
    }
}
