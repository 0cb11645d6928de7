package dev.fathom.core.graph;

import dev.fathom.core.tensor.Array;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.TensorType;

/** What an equation reads: a variable or a constant. */
public sealed interface Atom {
    /** Its type. */
    TensorType type();

    /** A variable, by number; numbers count the inputs first, then the results in order. */
    record Var(int id, TensorType type) implements Atom {
        @Override
        public boolean equals(Object o) {
            return o == this || (o instanceof Var v && id == v.id && type.equals(v.type));
        }

        /** The number alone: compilers ask for it all the time. */
        @Override
        public int hashCode() {
            return id;
        }

        @Override
        public String toString() {
            var name = new StringBuilder();
            int n = id;
            do {
                name.insert(0, (char) ('a' + n % 26));
                n = n / 26 - 1;
            } while (n >= 0);
            return name.toString();
        }
    }

    /** A concrete tensor known when the program was recorded. */
    record Constant(Array value) implements Atom {
        /** Pins the tensor: the program will read its memory whenever it runs. */
        public Constant {
            value.pin();
        }

        @Override
        public TensorType type() {
            return value.type();
        }

        /** Scalars are equal by value, larger constants by identity. */
        @Override
        public boolean equals(Object o) {
            if (!(o instanceof Constant(Array other)) || !type().equals(other.type())) {
                return false;
            }
            return value == other
                    || (value.size() == 1
                            && Double.doubleToLongBits(value.item())
                                    == Double.doubleToLongBits(other.item())
                            && type().dtype() != DType.INT64);
        }

        @Override
        public int hashCode() {
            return value.size() == 1 && type().dtype() != DType.INT64
                    ? Double.hashCode(value.item())
                    : System.identityHashCode(value);
        }

        @Override
        public String toString() {
            return value.size() == 1 ? number() : "const:" + type();
        }

        private String number() {
            double v = value.item();
            return type().dtype().isFloating() || v != Math.rint(v)
                    ? Double.toString(v)
                    : Long.toString((long) v);
        }
    }
}
