package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Domain.distinct;
import static dev.fathom.testkit.spec.Domain.normal;
import static dev.fathom.testkit.spec.Domain.values;

import dev.fathom.core.op.Window;
import dev.fathom.core.op.Window.Frame;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;

/** Pooling. */
final class WindowRows {
    private WindowRows() {}

    /** A frame with the image it looks at. */
    private record Setting(String label, Frame frame, Shape x) {
        int[] image() {
            return x.dims();
        }

        int[] windows() {
            return new Window.SumPool(frame)
                    .type(List.of(new TensorType(x, DType.FLOAT64)))
                    .shape()
                    .dims();
        }

        Shape spatial() {
            return x.range(1, x.rank() - 1);
        }

        int channels() {
            return x.dim(x.rank() - 1);
        }

        Derivative derivative() {
            return x.size() == 0 ? NONE : SMOOTH;
        }
    }

    private static Setting setting(
            String label, Axes size, Axes stride, Axes low, Axes high, int... x) {
        return new Setting(label, new Frame(size, stride, low, high), Shape.of(x));
    }

    private static List<Setting> settings() {
        var none2 = Axes.of(0, 0);
        return List.of(
                setting("1-d", Axes.of(2), Axes.of(2), Axes.of(0), Axes.of(0), 2, 5, 2),
                setting(
                        "1-d, overlapping, padded",
                        Axes.of(3),
                        Axes.of(1),
                        Axes.of(1),
                        Axes.of(2),
                        1,
                        4,
                        2),
                setting("1-d, with gaps", Axes.of(2), Axes.of(3), Axes.of(1), Axes.of(0), 1, 7, 1),
                setting("2-d", Axes.of(2, 2), Axes.of(2, 2), none2, none2, 1, 4, 4, 2),
                setting(
                        "2-d, rest left over",
                        Axes.of(2, 2),
                        Axes.of(2, 2),
                        none2,
                        none2,
                        2,
                        3,
                        5,
                        1),
                setting(
                        "2-d, overlapping",
                        Axes.of(3, 2),
                        Axes.of(2, 1),
                        Axes.of(1, 0),
                        Axes.of(1, 1),
                        1,
                        4,
                        3,
                        2),
                setting("2-d, whole image", Axes.of(3, 2), Axes.of(1, 1), none2, none2, 2, 3, 2, 2),
                setting("2-d, 1x1", Axes.of(1, 1), Axes.of(1, 1), none2, none2, 1, 2, 2, 3),
                setting(
                        "3-d",
                        Axes.of(2, 1, 2),
                        Axes.of(1, 1, 2),
                        Axes.of(0, 0, 1),
                        Axes.of(0, 0, 0),
                        1,
                        3,
                        2,
                        3,
                        1),
                setting("no image", Axes.of(2), Axes.of(2), Axes.of(0), Axes.of(0), 0, 4, 2));
    }

    static List<Spec> rows() {
        var sum = new ArrayList<Case>();
        var spread = new ArrayList<Case>();
        var max = new ArrayList<Case>();
        var pick = new ArrayList<Case>();
        var unpick = new ArrayList<Case>();
        for (var s : settings()) {
            var image = Operand.of(normal(), s.image());
            var places = Operand.of(distinct(0), s.image());
            var factors = Operand.of(normal(), s.channels());
            var windows = Operand.of(normal(), s.windows());
            var d = s.derivative();
            sum.add(Case.of(new Window.SumPool(s.frame()), d, image).called(s.label()));
            spread.add(
                    Case.of(new Window.Spread(s.frame(), s.spatial()), d, windows)
                            .called(s.label()));
            max.add(Case.of(new Window.MaxPool(s.frame()), d, places).called(s.label()));
            pick.add(
                    Case.of(new Window.Pick(s.frame()), d, places, factors, image)
                            .called(s.label()));
            unpick.add(
                    Case.of(new Window.Unpick(s.frame()), d, places, factors, windows)
                            .called(s.label()));
        }
        var frame = new Frame(Axes.of(2), Axes.of(1), Axes.of(1), Axes.of(1));
        var special =
                Operand.of(
                        values(
                                1,
                                Double.NaN,
                                1,
                                1,
                                Double.NEGATIVE_INFINITY,
                                Double.NEGATIVE_INFINITY),
                        1,
                        6,
                        1);
        max.add(Case.of(new Window.MaxPool(frame), NONE, special).called("special"));
        for (double factor : new double[] {1, -1, 0}) {
            var k = Operand.of(values(factor), 1);
            pick.add(
                    Case.of(
                                    new Window.Pick(frame),
                                    NONE,
                                    special,
                                    k,
                                    Operand.of(values(0, 1, 2, 3, 4, 5), 1, 6, 1))
                            .called("special, factor " + factor));
            unpick.add(
                    Case.of(
                                    new Window.Unpick(frame),
                                    NONE,
                                    special,
                                    k,
                                    Operand.of(values(1, 2, 3, 4, 5, 6, 7), 1, 7, 1))
                            .called("special, factor " + factor));
        }
        return List.of(
                new Spec(Window.SumPool.class, Spec.REAL, Accuracy.SUM, sum),
                new Spec(Window.Spread.class, Spec.REAL, Accuracy.SUM, spread),
                new Spec(Window.MaxPool.class, Spec.REAL, Accuracy.EXACT, max),
                new Spec(Window.Pick.class, Spec.REAL, Accuracy.EXACT, pick),
                new Spec(Window.Unpick.class, Spec.REAL, Accuracy.SUM, unpick));
    }
}
