package dev.fathom.io.safetensors;

import dev.fathom.core.tensor.DType;

import java.util.Optional;

/**
 * The element types of the format that can be read: ours, and those that widen to ours without
 * loss.
 */
enum StoredType {
    F64(8, DType.FLOAT64, true),
    F32(4, DType.FLOAT32, true),
    F16(2, DType.FLOAT32, false),
    BF16(2, DType.BFLOAT16, true),
    I64(8, DType.INT64, true),
    I32(4, DType.INT32, true),
    I16(2, DType.INT32, false),
    I8(1, DType.INT32, false),
    U32(4, DType.INT64, false),
    U16(2, DType.INT32, false),
    U8(1, DType.INT32, false),
    BOOL(1, DType.BOOL, true);

    private final int bytes;
    private final DType dtype;
    private final boolean exact;

    StoredType(int bytes, DType dtype, boolean exact) {
        this.bytes = bytes;
        this.dtype = dtype;
        this.exact = exact;
    }

    int bytes() {
        return bytes;
    }

    /** The type it is read as. */
    DType dtype() {
        return dtype;
    }

    /** The type it is read as where what has no arithmetic is widened. */
    DType widened() {
        return this == BF16 ? DType.FLOAT32 : dtype;
    }

    /** Whether {@link #dtype} is the same type and not a wider one. */
    boolean exact() {
        return exact;
    }

    static Optional<StoredType> named(String name) {
        for (var type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    static StoredType of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> F32;
            case FLOAT64 -> F64;
            case INT32 -> I32;
            case INT64 -> I64;
            case BOOL -> BOOL;
            case BFLOAT16 -> BF16;
        };
    }
}
