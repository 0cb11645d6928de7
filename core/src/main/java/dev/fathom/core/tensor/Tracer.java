package dev.fathom.core.tensor;

import dev.fathom.core.error.EscapedTensorException;

/**
 * A stand-in for a tensor inside a transform: a value with a derivative, with a hidden batch axis,
 * or a name in a program being recorded. It has a type but, in general, no numbers to show.
 */
public abstract non-sealed class Tracer implements Tensor {
    /** For subclasses in the transforms. */
    protected Tracer() {}

    /** What this stand-in is, in words, for error messages: "a value being differentiated". */
    public abstract String role();

    /** The numbers behind this stand-in, if it has them. */
    public Array concrete() {
        throw new EscapedTensorException(
                "the numbers of a tensor of type "
                        + type()
                        + " were asked for, but it is "
                        + role()
                        + ". Inside a transform values are not known yet: compute with operations"
                        + " (select, cond, whileLoop) instead of Java's if, or move the read"
                        + " outside");
    }

    @Override
    public String toString() {
        return "Tensor[" + type() + ", " + role() + "]";
    }
}
