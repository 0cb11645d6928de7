package dev.fathom.cpu.plan;

/** Reads elements {@code start ..} of a strided view, in row-major order, into a tile register. */
final class TileLoad {
    private TileLoad() {}

    static void run(View view, Frame frame, int start, Object register, int n) {
        int slot = view.storage().slot;
        var src = frame.arrays[slot];
        int base = frame.offsets[slot] + view.offset();
        var strides = view.strides();
        var shape = view.shape();
        // the innermost axes that are one run: contiguous among themselves, or all repeating
        int last = strides.length - 1;
        while (last > 0 && shape.dim(last) == 1) {
            last--;
        }
        int run = shape.dim(last);
        int step = shape.dim(last) == 1 ? 0 : strides[last];
        int outer = last - 1;
        while (outer >= 0
                && (shape.dim(outer) == 1 || strides[outer] == step * (step == 0 ? 0 : run))) {
            run *= shape.dim(outer);
            outer--;
        }
        int row = start / run;
        int column = start % run;
        int done = 0;
        while (done < n) {
            int at = base;
            int rest = row;
            for (int axis = outer; axis >= 0; axis--) {
                int d = shape.dim(axis);
                at += rest % d * strides[axis];
                rest /= d;
            }
            int count = Math.min(run - column, n - done);
            if (step == 1) {
                System.arraycopy(src, at + column, register, done, count);
            } else if (step == 0) {
                Memory.splat(src, at, register, done, count);
            } else {
                Memory.collect(src, at + column * step, step, register, done, count);
            }
            done += count;
            column = 0;
            row++;
        }
    }
}
