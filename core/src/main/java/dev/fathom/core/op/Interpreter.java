package dev.fathom.core.op;

import dev.fathom.core.spi.Eager;
import dev.fathom.core.tensor.Tensor;

import java.util.List;
import java.util.function.Supplier;

/**
 * What an operation does when it is called: compute at once, carry a derivative along, work on a
 * whole batch, or write itself down. The current one is a {@link ScopedValue}, so there is no
 * global state and threads do not see each other's transforms.
 */
@FunctionalInterface
public interface Interpreter {
    /** Carries out {@code op}. Operands that this interpreter does not own are constants to it. */
    List<Tensor> apply(Primitive op, List<Tensor> operands);

    /** The interpreter of the running scope; {@link Eager} outside every transform. */
    static Interpreter current() {
        return Scope.CURRENT.isBound() ? Scope.CURRENT.get() : Eager.INSTANCE;
    }

    /** Runs {@code body} with this interpreter as the current one. */
    default <T> T run(Supplier<T> body) {
        return ScopedValue.where(Scope.CURRENT, this).call(body::get);
    }

    /** Holds the scoped value, which an interface would make public. */
    final class Scope {
        private static final ScopedValue<Interpreter> CURRENT = ScopedValue.newInstance();

        private Scope() {}
    }
}
