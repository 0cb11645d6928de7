package dev.fathom.cpu.simd;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one width of all vectors in this engine.
 *
 * <p>It is what the JVM prefers on this machine, or {@code -Dfathom.vector.bits} = 128, 256 or 512.
 * A width above what the hardware has still gives right results, but slowly. All species are static
 * constants, which the JIT compiler needs in order to turn the kernels into plain vector code.
 */
public final class Width {
    private static final String PROPERTY = "fathom.vector.bits";

    /** The shape of every vector. */
    static final VectorShape SHAPE = shape(System.getProperty(PROPERTY, ""));

    /**
     * The vector registers that the JIT compiler has: AVX2 has 16, AVX-512 and AArch64, whose
     * vectors have 128 bits, have 32.
     */
    static final int REGISTERS = SHAPE == VectorShape.S_256_BIT ? 16 : 32;

    /** Vectors of {@code float}. */
    static final VectorSpecies<Float> F32 = VectorSpecies.of(float.class, SHAPE);

    /** Vectors of {@code double}. */
    static final VectorSpecies<Double> F64 = VectorSpecies.of(double.class, SHAPE);

    /** Vectors of {@code int}, with as many lanes as {@link #F32}. */
    static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, SHAPE);

    /** Vectors of {@code long}, with as many lanes as {@link #F64}. */
    static final VectorSpecies<Long> I64 = VectorSpecies.of(long.class, SHAPE);

    private Width() {}

    /**
     * The class of all vectors of a species. {@code V.cast(x)} tells C2 what kind of vector {@code
     * x} is, which it does not see where {@code x} was loaded, reinterpreted or kept through a
     * loop. Then it would guess from the kinds that were ever seen in that method of the Vector
     * API, whoever called it, compile the operation for each of two, and leave the vectors on the
     * heap (docs/design/0017). {@code ZERO.broadcast(x)} for a constant {@code ZERO} needs no cast.
     */
    @SuppressWarnings("unchecked")
    static <V> Class<V> kind(VectorSpecies<?> species) {
        return (Class<V>) species.vectorType();
    }

    /** The width of a vector in bits: 128, 256 or 512. */
    public static int bits() {
        return SHAPE.vectorBitSize();
    }

    /** One line for logs and reports, such as {@code "512-bit vectors: 16 x f32, 8 x f64"}. */
    public static String describe() {
        return "%d-bit vectors: %d x f32, %d x f64".formatted(bits(), F32.length(), F64.length());
    }

    static VectorShape shape(String bits) {
        return switch (bits.strip()) {
            case "" -> preferred();
            case "128" -> VectorShape.S_128_BIT;
            case "256" -> VectorShape.S_256_BIT;
            case "512" -> VectorShape.S_512_BIT;
            default ->
                    throw new IllegalArgumentException(
                            "-D%s must be 128, 256 or 512 but is \"%s\"; leave it out to use the"
                                            .formatted(PROPERTY, bits)
                                    + " width that fits this machine");
        };
    }

    /** A machine without vector units prefers 64 bits, and scalable vectors may exceed 512. */
    private static VectorShape preferred() {
        int bits = VectorShape.preferredShape().vectorBitSize();
        if (bits >= 512) {
            return VectorShape.S_512_BIT;
        }
        return bits >= 256 ? VectorShape.S_256_BIT : VectorShape.S_128_BIT;
    }
}
