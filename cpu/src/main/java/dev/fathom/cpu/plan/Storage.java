package dev.fathom.cpu.plan;

import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Memory that a value lives in while a plan runs; several may share one slot of the frame, one
 * after another.
 */
final class Storage {
    /** Where the memory comes from. */
    enum Kind {
        /** Given by the caller. */
        INPUT,
        /** Known when the plan was made. */
        CONSTANT,
        /** Belongs to the plan. */
        TEMPORARY,
        /** Handed to the caller. */
        OUTPUT
    }

    private final DType dtype;
    private final int length;
    private Kind kind;
    private final @Nullable Array constant;

    /** The place in the frame; -1 until it is assigned. */
    int slot = -1;

    /** Number of the first instruction that writes, and of the last that touches it. */
    int firstWrite = Integer.MAX_VALUE;

    int lastUse = -1;

    private Storage(DType dtype, int length, Kind kind, @Nullable Array constant) {
        this.dtype = dtype;
        this.length = length;
        this.kind = kind;
        this.constant = constant;
    }

    static Storage of(DType dtype, int length, Kind kind) {
        return new Storage(dtype, length, kind, null);
    }

    static Storage constant(Array value) {
        return new Storage(value.dtype(), value.shape().length(), Kind.CONSTANT, value);
    }

    DType dtype() {
        return dtype;
    }

    int length() {
        return length;
    }

    Kind kind() {
        return kind;
    }

    void makeOutput() {
        kind = Kind.OUTPUT;
    }

    /** The elements of a constant. */
    Object constantArray() {
        return Objects.requireNonNull(constant).buffer().host();
    }

    long bytes() {
        return (long) length * dtype.bytes();
    }
}
