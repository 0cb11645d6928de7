package dev.fathom.core.tensor;

import dev.fathom.core.error.DTypeException;

/** Conversions of a concrete tensor's memory to Java arrays. */
final class HostReader {
    private HostReader() {}

    static Array concrete(Tensor t) {
        return switch (t) {
            case Array a -> a;
            case Tracer s -> s.concrete();
        };
    }

    static Object host(Tensor t, DType wanted) {
        if (t.dtype() != wanted) {
            throw new DTypeException(
                    "a tensor of type "
                            + t.type()
                            + " cannot be read as "
                            + wanted
                            + "; convert it with cast(DType."
                            + wanted.name()
                            + ") first");
        }
        return concrete(t).buffer().host();
    }

    static double[] doubles(Tensor t) {
        return switch (concrete(t).buffer().host()) {
            case double[] d -> d.clone();
            case float[] f -> {
                var r = new double[f.length];
                for (int i = 0; i < r.length; i++) {
                    r[i] = f[i];
                }
                yield r;
            }
            case int[] v -> {
                var r = new double[v.length];
                for (int i = 0; i < r.length; i++) {
                    r[i] = v[i];
                }
                yield r;
            }
            case long[] v -> {
                var r = new double[v.length];
                for (int i = 0; i < r.length; i++) {
                    r[i] = v[i];
                }
                yield r;
            }
            case byte[] v -> {
                var r = new double[v.length];
                for (int i = 0; i < r.length; i++) {
                    r[i] = v[i];
                }
                yield r;
            }
            case short[] v -> {
                var r = new double[v.length];
                for (int i = 0; i < r.length; i++) {
                    r[i] = BFloat16.toFloat(v[i]);
                }
                yield r;
            }
            case Object o -> throw unknown(o);
        };
    }

    static long[] longs(Tensor t) {
        if (t.dtype() == DType.INT32) {
            var v = (int[]) host(t, DType.INT32);
            var r = new long[v.length];
            for (int i = 0; i < r.length; i++) {
                r[i] = v[i];
            }
            return r;
        }
        return ((long[]) host(t, DType.INT64)).clone();
    }

    static boolean[] booleans(Tensor t) {
        var v = (byte[]) host(t, DType.BOOL);
        var r = new boolean[v.length];
        for (int i = 0; i < r.length; i++) {
            r[i] = v[i] != 0;
        }
        return r;
    }

    static double first(Tensor t) {
        return element(concrete(t).buffer().host(), 0);
    }

    static double element(Object host, int i) {
        return switch (host) {
            case double[] v -> v[i];
            case float[] v -> v[i];
            case int[] v -> v[i];
            case long[] v -> v[i];
            case byte[] v -> v[i];
            case short[] v -> BFloat16.toFloat(v[i]);
            case Object o -> throw unknown(o);
        };
    }

    private static DTypeException unknown(Object host) {
        return new DTypeException("a buffer holds " + host.getClass().getSimpleName());
    }
}
