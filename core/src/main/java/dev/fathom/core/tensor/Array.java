package dev.fathom.core.tensor;

import dev.fathom.core.error.EscapedTensorException;
import dev.fathom.core.spi.Buffer;

import java.util.concurrent.atomic.AtomicReference;

/**
 * A concrete tensor: its numbers are there. Equality is identity; compare values with the arrays.
 */
public final class Array implements Tensor {
    private final TensorType type;
    private final AtomicReference<Buffer> buffer;
    private volatile boolean pinned;

    private Array(TensorType type, Buffer buffer) {
        this.type = type;
        this.buffer = new AtomicReference<>(buffer);
    }

    /**
     * Wraps a buffer of a backend, which must hold {@code type.shape().size()} elements, row-major.
     */
    public static Array of(TensorType type, Buffer buffer) {
        return new Array(type, buffer);
    }

    @Override
    public TensorType type() {
        return type;
    }

    /**
     * The memory.
     *
     * @throws EscapedTensorException if it was donated to a compiled step
     */
    public Buffer buffer() {
        var b = buffer.get();
        if (b == DONATED) {
            throw new EscapedTensorException(
                    "a tensor of type "
                            + type
                            + " was used after it was donated to a compiled function; use the"
                            + " result of that function instead. To give a state away and keep"
                            + " the data: jitDonating((state, data) -> ..), which takes over its"
                            + " first argument only");
        }
        return b;
    }

    /**
     * Keeps the memory from ever being taken away, because a recorded program reads it as a
     * constant.
     */
    public void pin() {
        pinned = true;
    }

    /** Whether a recorded program reads the memory as a constant. */
    public boolean isPinned() {
        return pinned;
    }

    /** Whether the memory was taken away. */
    public boolean isDonated() {
        return buffer.get() == DONATED;
    }

    /** Takes the memory away for reuse; this tensor can no longer be read. */
    public Buffer donate() {
        var b = buffer();
        if (!buffer.compareAndSet(b, DONATED)) {
            buffer();
        }
        return b;
    }

    @Override
    public String toString() {
        return TensorPrinter.print(this);
    }

    private static final Buffer DONATED = () -> new Object();
}
