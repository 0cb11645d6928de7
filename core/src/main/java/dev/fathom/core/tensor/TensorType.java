package dev.fathom.core.tensor;

/** All that a type rule may see of a tensor. Printed as {@code float32(64, 784)}. */
public record TensorType(Shape shape, DType dtype) {

    /** The type with another shape. */
    public TensorType withShape(Shape other) {
        return new TensorType(other, dtype);
    }

    /** The type with another dtype. */
    public TensorType withDType(DType other) {
        return new TensorType(shape, other);
    }

    /** The type that a derivative of such a tensor has. */
    public TensorType ofDerivative() {
        return withDType(dtype.ofDerivative());
    }

    /** The type with a leading batch axis. */
    public TensorType batched(int size) {
        return withShape(shape.prepend(size));
    }

    /** Memory of the elements in bytes. */
    public long bytes() {
        return shape.size() * dtype.bytes();
    }

    /** Written out, since it is asked for more often than anything else while programs are made. */
    @Override
    public boolean equals(Object o) {
        return o == this
                || (o instanceof TensorType t && dtype == t.dtype && shape.equals(t.shape));
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + dtype.ordinal();
    }

    @Override
    public String toString() {
        return dtype + shape.toString();
    }
}
