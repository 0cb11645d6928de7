package dev.fathom.core.spi;

import dev.fathom.core.tensor.DType;

/** Memory on the Java heap: one primitive array, freed by the garbage collector. */
public record HostBuffer(Object array) implements Buffer {

    /** Fresh zeroed memory for {@code length} elements. */
    public static HostBuffer allocate(DType dtype, int length) {
        return new HostBuffer(
                switch (dtype) {
                    case FLOAT32 -> new float[length];
                    case FLOAT64 -> new double[length];
                    case INT32 -> new int[length];
                    case INT64 -> new long[length];
                    case BOOL -> new byte[length];
                    case BFLOAT16 -> new short[length];
                });
    }

    @Override
    public Object host() {
        return array;
    }
}
