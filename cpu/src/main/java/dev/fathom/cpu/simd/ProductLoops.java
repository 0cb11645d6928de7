package dev.fathom.cpu.simd;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.fathom.cpu.simd.Script.Statement;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * Writes small products of matrices as methods: either all of B stays in registers while the rows
 * of A pass by, or all of C while the columns of A and the rows of B do. The bits are those of
 * {@link GemmF32}: every element is one chain of multiply-adds, from zero and in ascending order.
 */
final class ProductLoops {
    private static final ClassDesc FLOATS = FloatVector.class.describeConstable().orElseThrow();
    private static final ClassDesc VECTOR = Vector.class.describeConstable().orElseThrow();
    private static final ClassDesc MASK = VectorMask.class.describeConstable().orElseThrow();
    private static final ClassDesc SPECIES = VectorSpecies.class.describeConstable().orElseThrow();
    private static final ClassDesc ARRAY = CD_float.arrayType();

    /** A, B and C, each an array and where it begins. */
    static final MethodTypeDesc PARAMETERS =
            MethodTypeDesc.of(CD_void, ARRAY, CD_int, ARRAY, CD_int, ARRAY, CD_int);

    private static final int A = 0;
    private static final int B = 2;
    private static final int C = 4;

    private final Statement.Product p;
    private final CodeBuilder code;
    private final int zero;
    private final int mask;

    private ProductLoops(Statement.Product p, CodeBuilder code) {
        this.p = p;
        this.code = code;
        zero = code.allocateLocal(TypeKind.REFERENCE);
        mask = code.allocateLocal(TypeKind.REFERENCE);
    }

    /** Adds the method of a product. */
    static void write(ClassBuilder c, String name, Statement.Product p) {
        c.withMethodBody(
                name,
                PARAMETERS,
                ClassFile.ACC_STATIC,
                code -> {
                    var loops = new ProductLoops(p, code);
                    loops.begin();
                    if (p.keepsB()) {
                        loops.rows();
                    } else {
                        loops.columns();
                    }
                    code.return_();
                });
    }

    private void begin() {
        ChainLoops.zero(code).loadConstant(0f);
        ChainLoops.broadcast(code).astore(zero);
        ChainLoops.kind(code, "M");
        ChainLoops.species(code)
                .loadConstant(0)
                .loadConstant(p.n() - (p.vectors() - 1) * Chain.LANES)
                .invokeinterface(SPECIES, "indexInRange", MethodTypeDesc.of(MASK, CD_int, CD_int));
        ChainLoops.cast(code, MASK).astore(mask);
    }

    /** Whether vector {@code j} of a row is not a whole one. */
    private boolean isPart(int j) {
        return (j + 1) * Chain.LANES > p.n();
    }

    /** Keeps B: row by row of A and C. */
    private void rows() {
        var b = new int[p.k()][p.vectors()];
        for (int q = 0; q < p.k(); q++) {
            for (int j = 0; j < p.vectors(); j++) {
                b[q][j] = code.allocateLocal(TypeKind.REFERENCE);
                ChainLoops.species(code);
                at(B, q * p.rsB() + j * Chain.LANES, -1, 0);
                load(j);
                code.astore(b[q][j]);
            }
        }
        int i = code.allocateLocal(TypeKind.INT);
        loop(
                i,
                p.m(),
                () -> {
                    for (int j = 0; j < p.vectors(); j++) {
                        code.aload(zero);
                        for (int q = 0; q < p.k(); q++) {
                            multiplyAdd(q * p.csA(), i, p.rsA(), b[q][j]);
                        }
                        store(j, j * Chain.LANES, i, p.n());
                    }
                });
    }

    /** Keeps C: column by column of A, row by row of B. */
    private void columns() {
        var c = new int[p.m()][p.vectors()];
        for (var row : c) {
            for (int j = 0; j < row.length; j++) {
                row[j] = code.allocateLocal(TypeKind.REFERENCE);
                code.aload(zero).astore(row[j]);
            }
        }
        int b = code.allocateLocal(TypeKind.REFERENCE);
        int q = code.allocateLocal(TypeKind.INT);
        loop(
                q,
                p.k(),
                () -> {
                    for (int j = 0; j < p.vectors(); j++) {
                        ChainLoops.species(code);
                        at(B, j * Chain.LANES, q, p.rsB());
                        load(j);
                        code.astore(b);
                        for (int i = 0; i < p.m(); i++) {
                            code.aload(c[i][j]);
                            multiplyAdd(i * p.rsA(), q, p.csA(), b);
                            code.astore(c[i][j]);
                        }
                    }
                });
        for (int i = 0; i < p.m(); i++) {
            for (int j = 0; j < p.vectors(); j++) {
                ChainLoops.kind(code, "V").aload(c[i][j]);
                ChainLoops.cast(code, FLOATS);
                store(j, i * p.n() + j * Chain.LANES, -1, 0);
            }
        }
    }

    private void loop(int counter, int n, Runnable body) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.loadConstant(0).istore(counter).labelBinding(top);
        code.iload(counter).loadConstant(n).if_icmpge(end);
        body.run();
        code.iinc(counter, 1).goto_(top).labelBinding(end);
    }

    /** Puts an array and the place of an element on the stack. */
    private void at(int array, int offset, int counter, int step) {
        code.aload(code.parameterSlot(array)).iload(code.parameterSlot(array + 1));
        code.loadConstant(offset).iadd();
        if (counter >= 0) {
            code.iload(counter).loadConstant(step).imul().iadd();
        }
    }

    /** The vector on the stack plus an element of A times {@code b}. */
    private void multiplyAdd(int offset, int counter, int step, int b) {
        int sum = code.allocateLocal(TypeKind.REFERENCE);
        code.astore(sum);
        ChainLoops.zero(code);
        at(A, offset, counter, step);
        code.faload();
        ChainLoops.broadcast(code)
                .aload(b)
                .aload(sum)
                .invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR));
    }

    private void load(int j) {
        if (isPart(j)) {
            code.aload(mask)
                    .invokestatic(
                            FLOATS,
                            "fromArray",
                            MethodTypeDesc.of(FLOATS, SPECIES, ARRAY, CD_int, MASK));
        } else {
            code.invokestatic(
                    FLOATS, "fromArray", MethodTypeDesc.of(FLOATS, SPECIES, ARRAY, CD_int));
        }
    }

    /** Stores the vector on the stack. */
    private void store(int j, int offset, int counter, int step) {
        at(C, offset, counter, step);
        if (isPart(j)) {
            code.aload(mask)
                    .invokevirtual(
                            FLOATS, "intoArray", MethodTypeDesc.of(CD_void, ARRAY, CD_int, MASK));
        } else {
            code.invokevirtual(FLOATS, "intoArray", MethodTypeDesc.of(CD_void, ARRAY, CD_int));
        }
    }
}
