package dev.fathom.core.tensor;

import java.util.Locale;

/** Prints a tensor as nested brackets, long axes shortened to their ends. */
final class TensorPrinter {
    private static final int EDGE = 3;
    private static final int LONGEST_AXIS = 10;

    private TensorPrinter() {}

    static String print(Array t) {
        var text = new StringBuilder(t.type().toString()).append(' ');
        Object host;
        try {
            host = t.buffer().host();
        } catch (RuntimeException _) {
            return text.append("(donated)").toString();
        }
        append(text, t, host, 0, 0, text.length());
        return text.toString();
    }

    private static void append(
            StringBuilder text, Array t, Object host, int axis, int offset, int indent) {
        if (axis == t.rank()) {
            text.append(number(t.dtype(), host, offset));
            return;
        }
        int n = t.dim(axis);
        int step = t.shape().strides()[axis];
        boolean rows = axis + 1 < t.rank();
        boolean shorten = n > LONGEST_AXIS;
        text.append('[');
        for (int i = 0; i < n; i++) {
            if (shorten && i == EDGE) {
                text.append(rows ? ",\n" + " ".repeat(indent + axis + 1) + "..." : ", ...");
                i = n - EDGE;
            }
            if (i > 0) {
                text.append(rows ? ",\n" + " ".repeat(indent + axis + 1) : ", ");
            }
            append(text, t, host, axis + 1, offset + i * step, indent);
        }
        text.append(']');
    }

    private static String number(DType dtype, Object host, int i) {
        return switch (dtype) {
            case BOOL -> ((byte[]) host)[i] != 0 ? "true" : "false";
            case INT32 -> Integer.toString(((int[]) host)[i]);
            case INT64 -> Long.toString(((long[]) host)[i]);
            case FLOAT32 -> real(((float[]) host)[i], Float.toString(((float[]) host)[i]));
            case BFLOAT16 -> {
                float v = BFloat16.toFloat(((short[]) host)[i]);
                yield real(v, Float.toString(v));
            }
            case FLOAT64 -> real(((double[]) host)[i], Double.toString(((double[]) host)[i]));
        };
    }

    private static String real(double v, String exact) {
        if (exact.length() <= 8 || !Double.isFinite(v)) {
            return exact;
        }
        double size = Math.abs(v);
        return size >= 1e-3 && size < 1e5
                ? String.format(Locale.ROOT, "%.5g", v)
                : String.format(Locale.ROOT, "%.4e", v);
    }
}
