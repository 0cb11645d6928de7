package dev.fathom.testkit.spec;

import static dev.fathom.testkit.spec.Derivative.NONE;
import static dev.fathom.testkit.spec.Derivative.SMOOTH;
import static dev.fathom.testkit.spec.Operand.normal;

import dev.fathom.core.op.Contraction;
import dev.fathom.core.op.Contraction.Geometry;
import dev.fathom.core.tensor.Axes;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.Shape;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.testkit.spec.Spec.Accuracy;

import java.util.ArrayList;
import java.util.List;

/** Matrix products and convolutions. */
final class ContractionRows {
    private ContractionRows() {}

    static List<Spec> rows() {
        return List.of(
                dot(),
                new Spec(Contraction.Conv.class, Spec.REAL, Accuracy.SUM, conv()),
                new Spec(Contraction.ConvInput.class, Spec.REAL, Accuracy.SUM, convInput()),
                new Spec(Contraction.ConvKernel.class, Spec.REAL, Accuracy.SUM, convKernel()),
                new Spec(Contraction.ConvKernels.class, Spec.REAL, Accuracy.SUM, convKernels()));
    }

    private static Contraction.Dot dot(Axes lc, Axes rc, Axes lb, Axes rb) {
        return new Contraction.Dot(lc, rc, lb, rb);
    }

    private static Spec dot() {
        var none = Axes.of();
        var matrix = dot(Axes.of(1), Axes.of(0), none, none);
        return Spec.of(
                Contraction.Dot.class,
                Spec.NUMBER,
                Accuracy.SUM,
                Case.of(matrix, SMOOTH, normal(2, 3), normal(3, 4)).called("a b"),
                Case.of(dot(Axes.of(0), Axes.of(0), none, none), SMOOTH, normal(3, 2), normal(3, 4))
                        .called("aT b"),
                Case.of(dot(Axes.of(1), Axes.of(1), none, none), SMOOTH, normal(2, 3), normal(4, 3))
                        .called("a bT"),
                Case.of(dot(Axes.of(0), Axes.of(1), none, none), SMOOTH, normal(3, 2), normal(4, 3))
                        .called("aT bT"),
                Case.of(matrix, SMOOTH, normal(2, 3), normal(3)).called("matrix, vector"),
                Case.of(dot(Axes.of(0), Axes.of(0), none, none), SMOOTH, normal(3), normal(3))
                        .called("inner"),
                Case.of(dot(none, none, none, none), SMOOTH, normal(2), normal(3)).called("outer"),
                Case.of(dot(none, none, none, none), SMOOTH, normal(), normal()).called("scalars"),
                Case.of(dot(none, none, Axes.of(0), Axes.of(0)), SMOOTH, normal(4), normal(4))
                        .called("elementwise"),
                Case.of(
                                dot(Axes.of(2), Axes.of(1), Axes.of(0), Axes.of(0)),
                                SMOOTH,
                                normal(2, 2, 3),
                                normal(2, 3, 2))
                        .called("batch"),
                Case.of(
                                dot(Axes.of(3), Axes.of(2), Axes.of(0, 1), Axes.of(0, 1)),
                                SMOOTH,
                                normal(2, 2, 1, 3),
                                normal(2, 2, 3, 2))
                        .called("two batch axes"),
                Case.of(
                                dot(Axes.of(0), Axes.of(2), Axes.of(2, 1), Axes.of(0, 1)),
                                SMOOTH,
                                normal(3, 2, 4),
                                normal(4, 2, 3))
                        .called("batch axes last, crossed"),
                Case.of(
                                dot(Axes.of(2, 0), Axes.of(0, 1), none, none),
                                SMOOTH,
                                normal(2, 3, 4),
                                normal(4, 2, 3))
                        .called("two contracted, crossed"),
                Case.of(
                                dot(Axes.of(1, 3), Axes.of(3, 0), Axes.of(2), Axes.of(1)),
                                SMOOTH,
                                normal(2, 3, 2, 2),
                                normal(2, 2, 1, 3))
                        .called("all kinds"),
                Case.of(matrix, SMOOTH, normal(1, 1), normal(1, 1)).called("size 1"),
                Case.of(matrix, NONE, normal(2, 0), normal(0, 3)).called("nothing to add"),
                Case.of(matrix, NONE, normal(0, 3), normal(3, 2)).called("empty"),
                Case.of(matrix, NONE, normal(17, 33), normal(33, 65)).called("odd"));
    }

    /** A convolution with its operands, which its two transposes share. */
    private record Setting(
            String label, Geometry geometry, TensorType x, TensorType w, Derivative derivative) {
        TensorType y() {
            return new Contraction.Conv(geometry).type(List.of(x, w));
        }
    }

    private static Setting setting(String label, Geometry g, int[] x, int... w) {
        return new Setting(
                label,
                g,
                new TensorType(Shape.of(x), DType.FLOAT64),
                new TensorType(Shape.of(w), DType.FLOAT64),
                SMOOTH);
    }

    private static Geometry geometry(Axes stride, Axes low, Axes high, Axes dilation, int groups) {
        return new Geometry(stride, low, high, dilation, groups);
    }

    private static Geometry plain(int rank) {
        var one = Axes.repeat(1, rank);
        var zero = Axes.repeat(0, rank);
        return geometry(one, zero, zero, one, 1);
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    private static List<Setting> settings() {
        var one = Axes.of(1);
        var none = Axes.of(0);
        var one2 = Axes.of(1, 1);
        var none2 = Axes.of(0, 0);
        return List.of(
                setting("1-d", plain(1), dims(2, 5, 2), 3, 2, 2),
                setting(
                        "1-d, stride 2, padded",
                        geometry(Axes.of(2), one, Axes.of(2), one, 1),
                        dims(1, 6, 2),
                        3,
                        2,
                        1),
                setting(
                        "1-d, stride leaves a rest",
                        geometry(Axes.of(3), none, none, one, 1),
                        dims(1, 9, 1),
                        2,
                        1,
                        2),
                setting(
                        "1-d, dilation 2",
                        geometry(one, none, one, Axes.of(2), 1),
                        dims(1, 6, 1),
                        3,
                        1,
                        2),
                setting(
                        "1-d, even kernel, stride 2, dilation 3",
                        geometry(Axes.of(2), Axes.of(2), one, Axes.of(3), 1),
                        dims(1, 7, 1),
                        2,
                        1,
                        1),
                setting("2-d", plain(2), dims(1, 4, 5, 2), 3, 2, 2, 3),
                setting(
                        "2-d, same",
                        geometry(one2, one2, one2, one2, 1),
                        dims(2, 3, 4, 1),
                        3,
                        3,
                        1,
                        2),
                setting(
                        "2-d, strides differ",
                        geometry(Axes.of(2, 1), Axes.of(1, 0), Axes.of(0, 1), one2, 1),
                        dims(1, 5, 4, 2),
                        3,
                        2,
                        2,
                        1),
                setting("2-d, 1x1", plain(2), dims(2, 3, 2, 3), 1, 1, 3, 2),
                setting("2-d, whole image", plain(2), dims(2, 3, 2, 2), 3, 2, 2, 2),
                setting(
                        "2-d, 2 groups",
                        geometry(one2, one2, none2, one2, 2),
                        dims(1, 3, 3, 4),
                        2,
                        2,
                        2,
                        4),
                setting(
                        "2-d, depthwise",
                        geometry(one2, one2, one2, one2, 3),
                        dims(1, 3, 4, 3),
                        3,
                        3,
                        1,
                        3),
                setting(
                        "2-d, depthwise, two filters each, stride 2",
                        geometry(Axes.of(2, 2), one2, none2, one2, 2),
                        dims(2, 4, 3, 2),
                        2,
                        2,
                        1,
                        4),
                setting(
                        "2-d, stride, dilation and groups",
                        geometry(Axes.of(2, 1), Axes.of(1, 1), Axes.of(1, 2), Axes.of(1, 2), 2),
                        dims(1, 5, 5, 2),
                        2,
                        2,
                        1,
                        2),
                setting(
                        "3-d",
                        geometry(
                                Axes.of(1, 2, 1),
                                Axes.of(0, 1, 0),
                                Axes.of(1, 0, 0),
                                Axes.of(1, 1, 2),
                                1),
                        dims(1, 3, 3, 4, 2),
                        2,
                        2,
                        2,
                        2,
                        1),
                setting("no image", plain(2), dims(0, 4, 4, 1), 3, 3, 1, 2));
    }

    private static Operand operand(TensorType type) {
        return normal(type.shape().dims());
    }

    private static Derivative derivative(Setting s) {
        return s.x().shape().size() == 0 ? NONE : s.derivative();
    }

    private static List<Case> conv() {
        var cases = new ArrayList<Case>();
        for (var s : settings()) {
            var op = new Contraction.Conv(s.geometry());
            cases.add(Case.of(op, derivative(s), operand(s.x()), operand(s.w())).called(s.label()));
        }
        var same = geometry(Axes.of(1, 1), Axes.of(1, 1), Axes.of(1, 1), Axes.of(1, 1), 1);
        cases.add(
                Case.of(new Contraction.Conv(same), NONE, normal(2, 13, 11, 5), normal(3, 3, 5, 19))
                        .called("odd"));
        return cases;
    }

    private static List<Case> convInput() {
        var cases = new ArrayList<Case>();
        for (var s : settings()) {
            var image = s.x().shape().range(1, s.x().shape().rank() - 1);
            var op = new Contraction.ConvInput(s.geometry(), image);
            cases.add(Case.of(op, derivative(s), operand(s.y()), operand(s.w())).called(s.label()));
        }
        return cases;
    }

    private static List<Case> convKernel() {
        var cases = new ArrayList<Case>();
        for (var s : settings()) {
            var kernel = s.w().shape().range(0, s.w().shape().rank() - 2);
            var op = new Contraction.ConvKernel(s.geometry(), kernel);
            cases.add(Case.of(op, derivative(s), operand(s.x()), operand(s.y())).called(s.label()));
        }
        return cases;
    }

    private static List<Case> convKernels() {
        var cases = new ArrayList<Case>();
        for (var s : settings()) {
            var kernel = s.w().shape().range(0, s.w().shape().rank() - 2);
            int images = s.x().shape().dim(0);
            for (int samples = 1; samples <= images; samples++) {
                if (images % samples == 0) {
                    var op = new Contraction.ConvKernels(s.geometry(), kernel, samples);
                    cases.add(
                            Case.of(op, derivative(s), operand(s.x()), operand(s.y()))
                                    .called(s.label() + ", samples " + samples));
                }
            }
        }
        return cases;
    }
}
