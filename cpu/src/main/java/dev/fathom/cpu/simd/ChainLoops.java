package dev.fathom.cpu.simd;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.fathom.cpu.simd.Chain.Line;
import dev.fathom.cpu.simd.Chain.Loop;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Writes the loop of a {@link Chain} as a class: what would be written by hand, with a local
 * variable for every value.
 */
final class ChainLoops {
    private static final ClassDesc HERE = ChainLoops.class.describeConstable().orElseThrow();
    private static final ClassDesc LOOP = Loop.class.describeConstable().orElseThrow();
    private static final ClassDesc FLOATS = FloatVector.class.describeConstable().orElseThrow();
    private static final ClassDesc VECTOR = Vector.class.describeConstable().orElseThrow();
    private static final ClassDesc MASK = VectorMask.class.describeConstable().orElseThrow();
    private static final ClassDesc SPECIES = VectorSpecies.class.describeConstable().orElseThrow();
    private static final ClassDesc OPERATORS =
            VectorOperators.class.describeConstable().orElseThrow();
    private static final ClassDesc COMPARISON =
            VectorOperators.Comparison.class.describeConstable().orElseThrow();
    private static final ClassDesc FLOAT_ARRAY = CD_float.arrayType();
    private static final ClassDesc BYTE_ARRAY = CD_byte.arrayType();
    private static final ClassDesc SHORT_ARRAY = CD_short.arrayType();
    private static final ClassDesc KEPT = BFloats.class.describeConstable().orElseThrow();
    private static final ClassDesc MATH = FloatMath.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.of(CD_void, CD_Object.arrayType(), CD_int.arrayType(), CD_int);

    static final VectorSpecies<Float> S = Width.F32;

    /** Bytes, as many as {@link #S} has lanes; unused where that would be fewer than eight. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(
                    byte.class, VectorShape.forBitSize(8 * Math.max(8, Width.F32.length())));

    static final Class<FloatVector> V = Width.kind(S);
    static final FloatVector ZERO = FloatVector.zero(S);
    private static final Class<ByteVector> BYTES = Width.kind(B);
    private static final ByteVector NO_BYTES = ByteVector.zero(B);

    /** The class of all masks of {@link #S}. */
    @SuppressWarnings("unchecked")
    static final Class<VectorMask<Float>> M =
            (Class<VectorMask<Float>>) (Class<?>) S.maskAll(true).getClass();

    private final Chain chain;
    private final CodeBuilder code;
    private final int[] arrays;
    private final int[] offsets;
    private final int[] periods;
    private final int[] values;

    /** The lanes that are inside, where the elements are not whole vectors; else none. */
    private final OptionalInt mask;

    private ChainLoops(
            Chain chain,
            CodeBuilder code,
            int[] arrays,
            int[] offsets,
            int[] periods,
            boolean masked) {
        this.chain = chain;
        this.code = code;
        this.arrays = arrays;
        this.offsets = offsets;
        this.periods = periods;
        values = new int[chain.inputs().size() + chain.lines().size()];
        for (int v = 0; v < values.length; v++) {
            values[v] = code.allocateLocal(TypeKind.REFERENCE);
        }
        mask =
                masked
                        ? OptionalInt.of(code.allocateLocal(TypeKind.REFERENCE))
                        : OptionalInt.empty();
    }

    /** A fresh loop; slow until it has been compiled. */
    static Loop of(Chain chain) {
        return make(
                "ChainLoop",
                Loop.class,
                c ->
                        c.withMethodBody(
                                "run", RUN, ClassFile.ACC_PUBLIC, code -> unpacked(chain, code)));
    }

    /** An instance of a fresh class that implements an interface. */
    static <T> T make(String name, Class<T> type, Consumer<ClassBuilder> methods) {
        var bytes =
                ClassFile.of()
                        .build(
                                ClassDesc.of(ChainLoops.class.getPackageName(), name),
                                c -> {
                                    c.withFlags(ClassFile.ACC_FINAL)
                                            .withInterfaceSymbols(
                                                    type.describeConstable().orElseThrow());
                                    c.withMethodBody(
                                            INIT_NAME,
                                            MTD_void,
                                            0,
                                            code ->
                                                    code.aload(0)
                                                            .invokespecial(
                                                                    CD_Object, INIT_NAME, MTD_void)
                                                            .return_());
                                    methods.accept(c);
                                });
        try {
            var lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return type.cast(lookup.lookupClass().getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the class " + name + " cannot be made", e);
        }
    }

    /** The loop with arrays, offsets and the number of elements as parameters 0, 1 and 2. */
    private static void unpacked(Chain chain, CodeBuilder code) {
        int inputs = chain.inputs().size();
        var arrays = new int[inputs + chain.outputs().size()];
        var offsets = new int[arrays.length];
        for (int k = 0; k < arrays.length; k++) {
            arrays[k] = code.allocateLocal(TypeKind.REFERENCE);
            offsets[k] = code.allocateLocal(TypeKind.INT);
            code.aload(1).loadConstant(k).aaload().checkcast(array(chain, k));
            code.astore(arrays[k]).aload(2).loadConstant(k).iaload().istore(offsets[k]);
        }
        new ChainLoops(chain, code, arrays, offsets, new int[inputs], false).write(c -> c.iload(3));
        code.return_();
    }

    /** The type of array {@code k}, inputs before outputs. */
    static ClassDesc array(Chain chain, int k) {
        return switch (chain.holds(k)) {
            case FLOATS, FLOAT -> FLOAT_ARRAY;
            case TRUTHS -> BYTE_ARRAY;
            case KEPT -> SHORT_ARRAY;
        };
    }

    /**
     * Writes a loop over {@code n} elements.
     *
     * @param arrays the local variables that hold the arrays, inputs before outputs
     * @param offsets those that say where each begins
     * @param periods for each input the length after which it repeats, or 0
     */
    static void write(
            Chain chain, CodeBuilder code, int[] arrays, int[] offsets, int[] periods, int n) {
        new ChainLoops(chain, code, arrays, offsets, periods, n % Chain.LANES != 0)
                .write(c -> c.loadConstant(n));
    }

    private void write(Consumer<CodeBuilder> n) {
        int inputs = chain.inputs().size();
        for (int k = 0; k < inputs; k++) {
            if (chain.inputs().get(k) == Chain.Input.FLOAT) {
                zero(code).aload(arrays[k]).iload(offsets[k]).faload();
                broadcast(code).astore(values[k]);
            }
        }
        int i = code.allocateLocal(TypeKind.INT);
        var top = code.newLabel();
        var end = code.newLabel();
        code.loadConstant(0).istore(i).labelBinding(top).iload(i);
        n.accept(code);
        code.if_icmpge(end);
        mask.ifPresent(m -> {
            kind(code, "M");
            species(code).iload(i);
            n.accept(code);
            code.invokeinterface(SPECIES, "indexInRange", MethodTypeDesc.of(MASK, CD_int, CD_int));
            cast(code, MASK).astore(m);
        });
        for (int k = 0; k < inputs; k++) {
            load(k, i);
        }
        for (int l = 0; l < chain.lines().size(); l++) {
            line(chain.lines().get(l));
            code.astore(values[inputs + l]);
        }
        for (int k = inputs; k < arrays.length; k++) {
            store(chain.outputs().get(k - inputs), k, i);
        }
        code.iinc(i, Chain.LANES).goto_(top).labelBinding(end);
    }

    static CodeBuilder species(CodeBuilder code) {
        return code.getstatic(HERE, "S", SPECIES);
    }

    /** What {@link #broadcast} is called on. */
    static CodeBuilder zero(CodeBuilder code) {
        return code.getstatic(HERE, "ZERO", FLOATS);
    }

    static CodeBuilder broadcast(CodeBuilder code) {
        return code.invokevirtual(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, CD_float));
    }

    /**
     * The class of all vectors, {@code V}, or of all masks, {@code M}: what {@link #cast} needs.
     */
    static CodeBuilder kind(CodeBuilder code, String name) {
        return code.getstatic(HERE, name, CD_Class);
    }

    /** What is on the stack as the class that is below it: see {@link Width#kind}. */
    static CodeBuilder cast(CodeBuilder code, ClassDesc type) {
        return code.invokevirtual(CD_Class, "cast", MethodTypeDesc.of(CD_Object, CD_Object))
                .checkcast(type);
    }

    private CodeBuilder element(int array, int i) {
        code.aload(arrays[array]).iload(offsets[array]).iload(i);
        if (array < periods.length && periods[array] > 0) {
            code.loadConstant(periods[array]).irem();
        }
        return code.iadd();
    }

    private void load(int k, int i) {
        switch (chain.inputs().get(k)) {
            case FLOAT -> {}
            case FLOATS -> {
                kind(code, "V");
                species(code);
                element(k, i);
                mask.ifPresent(code::aload);
                code.invokestatic(
                        FLOATS,
                        "fromArray",
                        mask.isPresent()
                                ? MethodTypeDesc.of(FLOATS, SPECIES, FLOAT_ARRAY, CD_int, MASK)
                                : MethodTypeDesc.of(FLOATS, SPECIES, FLOAT_ARRAY, CD_int));
                cast(code, FLOATS).astore(values[k]);
            }
            case TRUTHS ->
                    element(k, i)
                            .invokestatic(
                                    HERE, "truths", MethodTypeDesc.of(MASK, BYTE_ARRAY, CD_int))
                            .astore(values[k]);
            case KEPT ->
                    element(k, i)
                            .invokestatic(
                                    KEPT, "load", MethodTypeDesc.of(FLOATS, SHORT_ARRAY, CD_int))
                            .astore(values[k]);
        }
    }

    private void store(int value, int k, int i) {
        code.aload(values[value]);
        element(k, i);
        switch (chain.held(value)) {
            case TRUTHS ->
                    code.invokestatic(
                            HERE, "store", MethodTypeDesc.of(CD_void, MASK, BYTE_ARRAY, CD_int));
            case KEPT ->
                    code.invokestatic(
                            KEPT, "store", MethodTypeDesc.of(CD_void, FLOATS, SHORT_ARRAY, CD_int));
            case FLOATS, FLOAT -> {
                mask.ifPresent(code::aload);
                code.invokevirtual(
                        FLOATS,
                        "intoArray",
                        mask.isPresent()
                                ? MethodTypeDesc.of(CD_void, FLOAT_ARRAY, CD_int, MASK)
                                : MethodTypeDesc.of(CD_void, FLOAT_ARRAY, CD_int));
            }
        }
    }

    /** Leaves the result of a line on the stack. */
    private void line(Line line) {
        switch (line.op()) {
            case ADD -> binary(line, "add");
            case SUB -> binary(line, "sub");
            case MUL -> binary(line, "mul");
            case DIV -> binary(line, "div");
            case MAX -> binary(line, "max");
            case MIN -> binary(line, "min");
            case NEG -> value(line, 0).invokevirtual(FLOATS, "neg", MethodTypeDesc.of(FLOATS));
            case ABS -> value(line, 0).invokevirtual(FLOATS, "abs", MethodTypeDesc.of(FLOATS));
            case SQRT -> value(line, 0).invokevirtual(FLOATS, "sqrt", MethodTypeDesc.of(FLOATS));
            case RSQRT -> {
                zero(code).loadConstant(1f);
                broadcast(code);
                value(line, 0)
                        .invokevirtual(FLOATS, "sqrt", MethodTypeDesc.of(FLOATS))
                        .invokevirtual(FLOATS, "div", MethodTypeDesc.of(FLOATS, VECTOR));
            }
            case EXP -> call(line, "expOf");
            case TANH -> call(line, "tanhOf");
            case LOGISTIC -> call(line, "logisticOf");
            case ERF -> call(line, "erfOf");
            case EQ, NE, LT, LE, GT, GE -> {
                value(line, 0).getstatic(OPERATORS, line.op().name(), COMPARISON);
                value(line, 1)
                        .invokevirtual(
                                FLOATS, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
            }
            case AND -> {
                value(line, 0);
                value(line, 1).invokevirtual(MASK, "and", MethodTypeDesc.of(MASK, MASK));
            }
            case OR -> {
                value(line, 0);
                value(line, 1).invokevirtual(MASK, "or", MethodTypeDesc.of(MASK, MASK));
            }
            case NOT -> value(line, 0).invokevirtual(MASK, "not", MethodTypeDesc.of(MASK));
            case SELECT -> {
                value(line, 2);
                value(line, 1);
                value(line, 0)
                        .invokevirtual(FLOATS, "blend", MethodTypeDesc.of(FLOATS, VECTOR, MASK));
            }
            case KEEP ->
                    value(line, 0).invokestatic(KEPT, "rounded", MethodTypeDesc.of(FLOATS, FLOATS));
            case WIDEN -> value(line, 0); // it is a float in the register
        }
    }

    private void binary(Line line, String name) {
        value(line, 0);
        value(line, 1).invokevirtual(FLOATS, name, MethodTypeDesc.of(FLOATS, VECTOR));
    }

    private void call(Line line, String name) {
        value(line, 0).invokestatic(MATH, name, MethodTypeDesc.of(FLOATS, FLOATS));
    }

    private CodeBuilder value(Line line, int operand) {
        return code.aload(values[line.operands().get(operand)]);
    }

    /** Truth values of memory as a mask. */
    static VectorMask<Float> truths(byte[] p, int at) {
        var bytes = BYTES.cast(ByteVector.fromArray(B, p, at));
        return M.cast(bytes.compare(VectorOperators.NE, (byte) 0).cast(S));
    }

    /** Writes a mask as bytes 0 and 1. */
    static void store(VectorMask<Float> mask, byte[] y, int at) {
        NO_BYTES.broadcast((byte) 0).blend((byte) 1, mask.cast(B)).intoArray(y, at);
    }
}
