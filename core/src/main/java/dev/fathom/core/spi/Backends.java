package dev.fathom.core.spi;

import dev.fathom.core.error.BackendException;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Finds backends and says which one is in use. */
public final class Backends {
    private static final ScopedValue<Backend> CHOSEN = ScopedValue.newInstance();

    private Backends() {}

    /** What was found at first use, or why nothing could be. */
    private static final class Found {
        static final String WANTED = System.getProperty("fathom.backend", "");
        private static List<Backend> backends = List.of();
        private static Optional<String> failure = Optional.empty();

        static {
            try {
                backends =
                        ServiceLoader.load(Backend.class, Backends.class.getClassLoader()).stream()
                                .map(ServiceLoader.Provider::get)
                                .sorted(Comparator.comparingInt(Backend::priority).reversed())
                                .toList();
            } catch (ServiceConfigurationError e) {
                var cause = e.getCause() == null ? e : e.getCause();
                failure = Optional.of("a backend cannot be started: " + cause.getMessage());
            }
        }

        static List<Backend> all() {
            failure.ifPresent(text -> {
                throw new BackendException(text);
            });
            return backends;
        }
    }

    /** All backends on the module path, the preferred one first. */
    public static List<Backend> all() {
        return Found.all();
    }

    /**
     * The backend of the running scope: the one given to {@link #with}, else the one named by the
     * system property {@code fathom.backend}, else the one with the highest priority.
     *
     * @throws BackendException if there is none
     */
    public static Backend current() {
        if (CHOSEN.isBound()) {
            return CHOSEN.get();
        }
        if (Found.all().isEmpty()) {
            throw new BackendException(
                    "no backend was found. Put the module dev.fathom.cpu (fathom-cpu.jar) on the"
                            + " module path and make sure it is resolved: --add-modules"
                            + " dev.fathom.cpu");
        }
        return Found.WANTED.isEmpty() ? Found.all().getFirst() : named(Found.WANTED);
    }

    /** The backend of that name. */
    public static Backend named(String name) {
        return Found.all().stream()
                .filter(b -> b.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new BackendException(
                                "there is no backend '"
                                        + name
                                        + "'; found: "
                                        + Found.all().stream()
                                                .map(Backend::name)
                                                .collect(Collectors.joining(", "))));
    }

    /** Runs {@code body} on a given backend. */
    public static <T> T with(Backend backend, Supplier<T> body) {
        return ScopedValue.where(CHOSEN, backend).call(body::get);
    }
}
