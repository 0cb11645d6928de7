package dev.fathom.core.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Small helpers for lists that run beside rows of booleans. */
final class Flags {
    private Flags() {}

    static List<Boolean> list(boolean[] flags) {
        var r = new ArrayList<Boolean>(flags.length);
        for (boolean f : flags) {
            r.add(f);
        }
        return r;
    }

    static <T> boolean[] of(List<T> values, Predicate<? super T> test) {
        var r = new boolean[values.size()];
        for (int i = 0; i < r.length; i++) {
            r[i] = test.test(values.get(i));
        }
        return r;
    }

    /** The values whose flag is set. */
    static <T> List<T> pick(List<T> values, boolean[] flags) {
        var r = new ArrayList<T>();
        for (int i = 0; i < flags.length; i++) {
            if (flags[i]) {
                r.add(values.get(i));
            }
        }
        return r;
    }

    static boolean[] not(boolean[] flags) {
        var r = flags.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] = !r[i];
        }
        return r;
    }

    static boolean[] all(int n) {
        var r = new boolean[n];
        Arrays.fill(r, true);
        return r;
    }

    static boolean any(boolean[] flags) {
        for (boolean f : flags) {
            if (f) {
                return true;
            }
        }
        return false;
    }

    static boolean[] range(boolean[] flags, int start, int end) {
        return Arrays.copyOfRange(flags, start, end);
    }
}
