package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;

import org.jspecify.annotations.Nullable;

/**
 * How a variable is read from a storage: element (i, j, ..) lies at {@code offset + i·strides[0] +
 * ..}. Reshapes, transposes, broadcasts, slices and reversals are views: they cost nothing until
 * somebody needs the elements one after another.
 */
record View(Storage storage, TensorType type, int[] strides, int offset) {

    /** All of a storage, row-major. */
    static View whole(Storage storage, TensorType type) {
        return new View(storage, type, type.shape().strides(), 0);
    }

    Shape shape() {
        return type.shape();
    }

    int length() {
        return shape().length();
    }

    /** Whether the elements lie one after another in row-major order. */
    boolean isContiguous() {
        int expected = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            int n = shape().dim(i);
            if (n == 0) {
                return true;
            }
            if (n > 1 && strides[i] != expected) {
                return false;
            }
            expected *= n;
        }
        return true;
    }

    /** Whether reading this view in order reads the whole storage in order. */
    boolean isWhole() {
        return isContiguous() && offset == 0 && length() == storage.length();
    }

    /** Whether this is the whole storage in order, each element perhaps repeated. */
    boolean isBroadcast() {
        int expected = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            int n = shape().dim(i);
            if (n > 1 && strides[i] != 0) {
                if (strides[i] != expected) {
                    return false;
                }
                expected *= n;
            }
        }
        return offset == 0 && expected == storage.length();
    }

    /** Whether every element is the same one. */
    boolean isScalar() {
        for (int i = 0; i < strides.length; i++) {
            if (shape().dim(i) > 1 && strides[i] != 0) {
                return false;
            }
        }
        return length() > 0;
    }

    /**
     * The length of the run that the elements repeat over and over, as a vector added to every row
     * does; the whole length if nothing repeats, 0 if this is not so simple.
     */
    int period() {
        int expected = 1;
        int axis = strides.length - 1;
        for (; axis >= 0; axis--) {
            int n = shape().dim(axis);
            if (n > 1 && strides[axis] != expected) {
                break;
            }
            expected *= n;
        }
        for (; axis >= 0; axis--) {
            if (shape().dim(axis) > 1 && strides[axis] != 0) {
                return 0;
            }
        }
        return expected;
    }

    private View with(Shape shape, int[] steps, int start) {
        return new View(storage, type.withShape(shape), steps, start);
    }

    View transpose(Axes order) {
        var s = new int[strides.length];
        for (int i = 0; i < s.length; i++) {
            s[i] = strides[order.get(i)];
        }
        return with(shape().select(order), s, offset);
    }

    View broadcast(Shape to, Axes dims) {
        var s = new int[to.rank()];
        for (int k = 0; k < dims.size(); k++) {
            s[dims.get(k)] = strides[k];
        }
        return with(to, s, offset);
    }

    View slice(Shape to, Axes start, Axes step) {
        var s = new int[strides.length];
        int at = offset;
        for (int i = 0; i < s.length; i++) {
            s[i] = strides[i] * step.get(i);
            at += strides[i] * start.get(i);
        }
        return with(to, s, to.size() == 0 ? 0 : at);
    }

    View reverse(Axes axes) {
        var s = strides.clone();
        int at = offset;
        for (int i = 0; i < s.length; i++) {
            if (axes.contains(i)) {
                at += strides[i] * Math.max(0, shape().dim(i) - 1);
                s[i] = -strides[i];
            }
        }
        return with(shape(), s, at);
    }

    /** The same elements in another shape, if no copy is needed for it. */
    @Nullable View reshape(Shape to) {
        if (isContiguous()) {
            return with(to, to.strides(), offset);
        }
        if (isScalar()) {
            return with(to, new int[to.rank()], offset);
        }
        // axes of size 1 come and go freely
        int rank = to.rank();
        var s = new int[rank];
        int from = 0;
        for (int i = 0; i < rank; i++) {
            if (to.dim(i) == 1) {
                continue;
            }
            while (from < strides.length && shape().dim(from) == 1) {
                from++;
            }
            if (from == strides.length || shape().dim(from) != to.dim(i)) {
                return null;
            }
            s[i] = strides[from++];
        }
        while (from < strides.length && shape().dim(from) == 1) {
            from++;
        }
        return from == strides.length ? with(to, s, offset) : null;
    }
}
