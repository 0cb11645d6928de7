package dev.fathom.cpu.simd;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.fathom.cpu.simd.Script.Place;
import dev.fathom.cpu.simd.Script.Statement;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a {@link Script} as a class: one method that takes the arrays out of their slots and calls
 * kernels and loops one after another. Every loop is a method of its own, so that the JIT compiler
 * never sees more than one at a time: it gives up on long methods of vector operations.
 */
final class ScriptCode {
    private static final ClassDesc OTHERS = Script.Others.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.of(CD_void, CD_Object.arrayType(), CD_int.arrayType(), OTHERS);

    private final Script script;
    private final ClassDesc self;
    private final CodeBuilder code;
    private final Map<Integer, Integer> arrays = new HashMap<>();
    private final Map<Integer, Integer> offsets = new HashMap<>();

    private ScriptCode(Script script, ClassDesc self, CodeBuilder code) {
        this.script = script;
        this.self = self;
        this.code = code;
    }

    /** Fresh code; slow until it has been compiled. */
    static Script.Code of(Script script) {
        var self = ClassDesc.of(ScriptCode.class.getPackageName(), "StraightCode");
        return ChainLoops.make(
                "StraightCode",
                Script.Code.class,
                c -> {
                    for (int s = 0; s < script.statements().size(); s++) {
                        switch (script.statements().get(s)) {
                            case Statement.Loop loop -> loop(c, "loop" + s, loop);
                            case Statement.Product p -> ProductLoops.write(c, "product" + s, p);
                            case Statement.Call _ -> {}
                            case Statement.Other _ -> {}
                        }
                    }
                    c.withMethodBody(
                            "run",
                            RUN,
                            ClassFile.ACC_PUBLIC,
                            code -> new ScriptCode(script, self, code).write());
                });
    }

    private static MethodTypeDesc parameters(Statement.Loop loop) {
        var types = new ArrayList<ClassDesc>();
        for (int k = 0; k < loop.places().size(); k++) {
            types.add(ChainLoops.array(loop.chain(), k));
            types.add(CD_int);
        }
        return MethodTypeDesc.of(CD_void, types);
    }

    private static void loop(ClassBuilder c, String name, Statement.Loop loop) {
        c.withMethodBody(
                name,
                parameters(loop),
                ClassFile.ACC_STATIC,
                code -> {
                    var arrays = new int[loop.places().size()];
                    var offsets = new int[arrays.length];
                    for (int k = 0; k < arrays.length; k++) {
                        arrays[k] = code.parameterSlot(2 * k);
                        offsets[k] = code.parameterSlot(2 * k + 1);
                    }
                    var periods = loop.periods().stream().mapToInt(p -> p).toArray();
                    ChainLoops.write(loop.chain(), code, arrays, offsets, periods, loop.n());
                    code.return_();
                });
    }

    private void write() {
        for (var s : script.statements()) {
            for (var p : s.places()) {
                if (!arrays.containsKey(p.slot())) {
                    unpack(p.slot());
                }
            }
        }
        for (int s = 0; s < script.statements().size(); s++) {
            switch (script.statements().get(s)) {
                case Statement.Loop l -> {
                    l.places().forEach(this::push);
                    code.invokestatic(self, "loop" + s, parameters(l));
                }
                case Statement.Product p -> {
                    p.places().forEach(this::push);
                    code.invokestatic(self, "product" + s, ProductLoops.PARAMETERS);
                }
                case Statement.Call c -> call(c);
                case Statement.Other(int number) ->
                        code.aload(3)
                                .loadConstant(number)
                                .invokeinterface(OTHERS, "run", MethodTypeDesc.of(CD_void, CD_int));
            }
        }
        code.return_();
    }

    private void unpack(int slot) {
        int array = code.allocateLocal(TypeKind.REFERENCE);
        int offset = code.allocateLocal(TypeKind.INT);
        code.aload(1).loadConstant(slot).aaload();
        code.checkcast(
                switch (script.slots().get(slot).type()) {
                    case FLOATS -> CD_float.arrayType();
                    case INTS -> CD_int.arrayType();
                    case TRUTHS -> CD_byte.arrayType();
                    case KEPT -> CD_short.arrayType();
                });
        code.astore(array).aload(2).loadConstant(slot).iaload().istore(offset);
        arrays.put(slot, array);
        offsets.put(slot, offset);
    }

    private void push(Place p) {
        code.aload(arrays.get(p.slot())).iload(offsets.get(p.slot()));
        if (p.offset() != 0) {
            code.loadConstant(p.offset()).iadd();
        }
    }

    private void call(Statement.Call c) {
        var types = new ArrayList<ClassDesc>();
        int place = 0;
        int number = 0;
        for (char p : c.kernel().parameters.toCharArray()) {
            switch (p) {
                case 'n' -> {
                    code.loadConstant(c.numbers().get(number++).intValue());
                    types.add(CD_int);
                }
                case '-' -> {
                    code.loadConstant(0);
                    types.add(CD_boolean);
                }
                default -> {
                    push(c.places().get(place++));
                    types.add((p == 'f' ? CD_float : CD_int).arrayType());
                    types.add(CD_int);
                }
            }
        }
        code.invokestatic(
                c.kernel().owner.describeConstable().orElseThrow(),
                c.kernel().method,
                MethodTypeDesc.of(CD_void, types));
    }
}
