package dev.fathom.cpu.simd;

import java.util.List;

/**
 * A program over small arrays: statements that run in order, on one thread, with all sizes known.
 * {@link Weaver} makes straight code of it.
 *
 * @param slots the arrays, as the caller numbers them
 */
public record Script(List<Slot> slots, List<Statement> statements) {
    /** Of a method, HotSpot's HugeMethodLimit. */
    private static final int MOST_BYTES = 8000;

    /** What an array holds. */
    public enum Type {
        FLOATS,
        INTS,
        TRUTHS,
        /** Of bfloat16. */
        KEPT
    }

    /**
     * An array.
     *
     * @param length how many elements of it are used
     */
    public record Slot(Type type, int length) {
        /** A fresh array. */
        public Object allocate() {
            return switch (type) {
                case FLOATS -> new float[length];
                case INTS -> new int[length];
                case TRUTHS -> new byte[length];
                case KEPT -> new short[length];
            };
        }
    }

    /** Where a value begins: so many elements after the offset that the caller gives for a slot. */
    public record Place(int slot, int offset) {}

    /** One thing to do. */
    public sealed interface Statement {
        /** The arrays that it reads and writes. */
        List<Place> places();

        /**
         * Elementwise operations.
         *
         * @param places of the inputs, then of the outputs
         * @param periods for each input the length after which it repeats, a multiple of {@link
         *     Chain#LANES}; 0 if it does not
         * @param n elements; a multiple of {@link Chain#LANES} if there are truth values in memory
         */
        record Loop(Chain chain, List<Place> places, List<Integer> periods, int n)
                implements Statement {
            /** Copies the lists. */
            public Loop {
                places = List.copyOf(places);
                periods = List.copyOf(periods);
            }
        }

        /**
         * A small product of matrices C = A B, each element one chain of multiply-adds.
         *
         * @param rsA elements from one row of A to the next, {@code csA} from column to column
         * @param rsB elements from one row of B to the next; the rows of C lie one after another
         */
        record Product(int m, int n, int k, Place a, int rsA, int csA, Place b, int rsB, Place c)
                implements Statement {
            /** Vectors that are kept in registers at a time. */
            private static final int MOST = 12;

            /** Whether a product of this size is small enough. */
            public static boolean suits(int m, int n, int k) {
                return Math.min(m, k) * ((n - 1) / Chain.LANES + 1) <= MOST;
            }

            @Override
            public List<Place> places() {
                return List.of(a, b, c);
            }

            /** Vectors of a row of C. */
            int vectors() {
                return (n - 1) / Chain.LANES + 1;
            }

            /** Whether all of B is kept in registers, and not all of C. */
            boolean keepsB() {
                return k <= m && k * vectors() <= MOST;
            }
        }

        /** A call of a kernel, with its arrays and its numbers in the order of its parameters. */
        record Call(Kernel kernel, List<Place> places, List<Integer> numbers) implements Statement {
            /** Copies the lists. */
            public Call {
                places = List.copyOf(places);
                numbers = List.copyOf(numbers);
            }
        }

        /** Something that the caller does itself. */
        record Other(int number) implements Statement {
            @Override
            public List<Place> places() {
                return List.of();
            }
        }
    }

    /** What straight code can call. */
    public enum Kernel {
        EXP(FloatMath.class, "exp", "ffn"),
        EXPM1(FloatMath.class, "expm1", "ffn"),
        LOG(FloatMath.class, "log", "ffn"),
        LOG1P(FloatMath.class, "log1p", "ffn"),
        TANH(FloatMath.class, "tanh", "ffn"),
        LOGISTIC(FloatMath.class, "logistic", "ffn"),
        ERF(FloatMath.class, "erf", "ffn"),
        SIN(FloatTrig.class, "sin", "ffn"),
        COS(FloatTrig.class, "cos", "ffn"),
        /** Two arrays of whole numbers, their sum, how many. */
        ADD_INTS(IntElementwise.class, "add", "iiin"),
        /** Runs and their sums; how many runs, of how many elements. */
        SUMS(FloatReduce.class, "sums", "fnnf"),
        /** A matrix and the sums of its columns; rows, columns, columns. */
        SUM_ROWS(FloatReduce.class, "sumRows", "fnnnf"),
        /** What is repeated, and to where; its length, how many elements are wanted. */
        REPEAT(FloatElementwise.class, "repeat", "fnfn"),
        /** Numbers m, n, k, both strides of A, the row strides of B and C; A, B, C. */
        PRODUCT(GemmBlockF32.class, "multiply", "nnnfnn-fn-fn-"),
        /** Inner products of rows with a vector: numbers 0, rows, k, stride of a row, 1. */
        DOTS(GemmDotsF32.class, "dotRows", "nnnfnffn-");

        final Class<?> owner;
        final String method;

        /**
         * Its parameters: {@code f} an array of floats and where they begin, {@code i} the same for
         * whole numbers, {@code n} a number, {@code -} false.
         */
        final String parameters;

        Kernel(Class<?> owner, String method, String parameters) {
            this.owner = owner;
            this.method = method;
            this.parameters = parameters;
        }
    }

    /** Straight code. */
    public interface Code {
        /**
         * Runs the statements.
         *
         * @param arrays one for each slot that is used
         * @param offsets where the elements of each begin
         */
        void run(Object[] arrays, int[] offsets, Others others);
    }

    /** Does what a script leaves to its caller. */
    @FunctionalInterface
    public interface Others {
        void run(int number);
    }

    /** Copies the lists. */
    public Script {
        slots = List.copyOf(slots);
        statements = List.copyOf(statements);
    }

    /** Whether its code is short enough for the JIT compiler, which leaves long methods alone. */
    public boolean fits() {
        long bytes = 12L * slots.size();
        for (var s : statements) {
            bytes += 40 + 8L * s.places().size();
        }
        return bytes <= MOST_BYTES;
    }

    /** Fresh code; a thousand times slower than it will be, until it has been compiled. */
    public Code code() {
        return ScriptCode.of(this);
    }

    /** About how many vectors are loaded, computed and stored. */
    long operations() {
        return statements.stream().mapToLong(Script::operations).sum();
    }

    private static long operations(Statement s) {
        return switch (s) {
            case Statement.Loop l ->
                    (long) (l.places().size() + l.chain().operations()) * vectors(l.n());
            case Statement.Product p -> (long) p.m() * (p.k() + 2) * p.vectors() + p.k();
            case Statement.Call c -> {
                var n = c.numbers();
                yield switch (c.kernel()) {
                    case EXP, EXPM1, LOG, LOG1P, TANH, LOGISTIC, ERF, SIN, COS ->
                            40L * vectors(n.getFirst());
                    case ADD_INTS -> 3L * vectors(n.getFirst());
                    case REPEAT -> 10L * n.get(1) / n.get(0);
                    case SUMS -> n.get(0) * (20L + vectors(n.get(1)));
                    case SUM_ROWS -> 2L * n.get(0) * vectors(n.get(1));
                    case PRODUCT -> n.get(0) * (2L + 2 * n.get(2)) * vectors(n.get(1));
                    case DOTS -> n.get(1) * (20L + vectors(n.get(2)));
                };
            }
            case Statement.Other _ -> 0;
        };
    }

    /** How many vectors hold {@code n} elements, the last perhaps in part. */
    private static long vectors(int n) {
        return (n - 1) / Chain.LANES + 1;
    }
}
