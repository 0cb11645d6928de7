package dev.fathom.core.graph;

import dev.fathom.core.tensor.TensorType;
import dev.fathom.core.tensor.Tracer;

/** A variable of a program being recorded, in the hands of the function that is recorded. */
public final class Symbol extends Tracer {
    private final Recorder owner;
    private final Atom.Var var;

    Symbol(Recorder owner, Atom.Var var) {
        this.owner = owner;
        this.var = var;
    }

    Recorder owner() {
        return owner;
    }

    Atom.Var var() {
        return var;
    }

    @Override
    public TensorType type() {
        return var.type();
    }

    @Override
    public String role() {
        return "variable '" + var + "' of a program being recorded (jit, scan, cond or grad)";
    }
}
