package dev.fathom.cpu.plan;

import dev.fathom.core.op.Control;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A loop whose steps do not depend on each other: they are shared out among the workers. An output
 * takes the memory of an input slice by slice where the body may write over what it has read, so
 * that a state that is donated is updated in place.
 */
final class LowerMap {
    /** Every worker has temporary memory of its own for the body: a cache's size at most. */
    private static final long MOST_BYTES = 1 << 22;

    private LowerMap() {}

    static void lower(Lowering to, String layer, Control.Scan s, List<View> in, List<View> out) {
        int c = s.constants();
        var donated = new boolean[in.size()];
        for (int k = c; k < donated.length; k++) { // others would have to be copied
            donated[k] = in.get(k).storage().kind() == Storage.Kind.INPUT;
        }
        var plan = Planner.planGroup(s.body(), donated);
        to.add(new Map(s, layer, plan, to.child(plan), in, out));
    }

    private record Map(
            Control.Scan scan, String layer, Plan plan, int child, List<View> in, List<View> out)
            implements Instruction {
        @Override
        public void run(Frame frame) {
            int n = scan.length();
            // all steps on this thread where there are not enough for all threads
            if (n < frame.workers.threads() || plan.temporaryBytes() > MOST_BYTES) {
                for (int i = 0; i < n; i++) {
                    step(frame, scan.reverse() ? n - 1 - i : i, frame.child(child, plan));
                }
            } else {
                frame.workers.run(
                        n, (i, worker) -> step(frame, i, frame.child(child, worker, plan)));
            }
        }

        private void step(Frame frame, int i, Frame inner) {
            int c = scan.constants();
            int n = scan.length();
            for (int k = 0; k < in.size(); k++) {
                LowerControl.slice(
                        frame, inner, plan.inputs()[k], in.get(k), k < c ? 0 : i, k < c ? 1 : n);
            }
            for (int k = 0; k < out.size(); k++) {
                int taken = plan.handedOver()[k];
                if (taken >= 0) {
                    keep(frame, in.get(taken), out.get(k), i);
                }
                LowerControl.slice(frame, inner, plan.outputs()[k], out.get(k), i, n);
            }
            plan.run(inner);
        }

        /** Puts a slice of an input where the body turns it into an output, if it is not there. */
        private void keep(Frame frame, View from, View to, int i) {
            int length = to.length() / scan.length();
            var src = Lowering.array(frame, from);
            var dst = Lowering.array(frame, to);
            int a = Lowering.at(frame, from) + i * length;
            int b = Lowering.at(frame, to) + i * length;
            if (src != dst || a != b) {
                System.arraycopy(src, a, dst, b, length);
            }
        }

        @Override
        public boolean allowsInPlace(Storage x, Storage y) {
            return IntStream.range(0, out.size())
                            .anyMatch(k ->
                                    out.get(k).storage() == y
                                            && plan.handedOver()[k] >= 0
                                            && in.get(plan.handedOver()[k]).storage() == x
                                            && in.get(plan.handedOver()[k]).isWhole())
                    && in.stream().filter(v -> v.storage() == x).count() == 1;
        }

        @Override
        public String name() {
            return "map " + scan.length();
        }

        @Override
        public List<Storage> reads() {
            return in.stream().map(View::storage).distinct().toList();
        }

        @Override
        public List<Storage> writes() {
            return out.stream().map(View::storage).distinct().toList();
        }

        @Override
        public List<Plan> plans() {
            return List.of(plan);
        }

        @Override
        public long flop() {
            return 0;
        }
    }
}
