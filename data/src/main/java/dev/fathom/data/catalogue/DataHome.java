package dev.fathom.data.catalogue;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The folders in which data sets are looked for, in this order.
 *
 * @param chosen the user's own, from the system property {@code fathom.data} or the environment
 *     variable {@code FATHOM_DATA}
 * @param system where packages of the operating system put data sets (Debian's {@code
 *     dataset-fashion-mnist} uses {@code /usr/share/datasets})
 * @param cache where {@link DataFetcher} puts what it fetched
 */
public record DataHome(Optional<Path> chosen, List<Path> system, Path cache) {
    /** Copies the list. */
    public DataHome {
        system = List.copyOf(system);
    }

    /** The folders of this process, its user and this operating system. */
    public static DataHome current() {
        return of(System.getProperties(), System.getenv());
    }

    static DataHome of(Properties properties, Map<String, String> environment) {
        var chosen =
                text(properties.getProperty("fathom.data"))
                        .or(() -> text(environment.get("FATHOM_DATA")))
                        .map(Path::of);
        boolean windows = systemName(properties).startsWith("windows");
        var system =
                windows
                        ? List.<Path>of()
                        : List.of(
                                Path.of("/usr/local/share/datasets"),
                                Path.of("/usr/share/datasets"));
        return new DataHome(chosen, system, caches(properties, environment).resolve("fathom/data"));
    }

    /** {@code XDG_CACHE_HOME}, or else what the operating system's guidelines say. */
    private static Path caches(Properties properties, Map<String, String> environment) {
        var home = Path.of(properties.getProperty("user.home", "."));
        var system = systemName(properties);
        return text(environment.get("XDG_CACHE_HOME"))
                .map(Path::of)
                .filter(Path::isAbsolute) // as the XDG base directory specification asks
                .orElseGet(() -> {
                    if (system.startsWith("windows")) {
                        return text(environment.get("LOCALAPPDATA"))
                                .map(Path::of)
                                .orElse(home.resolve("AppData/Local"));
                    }
                    return home.resolve(system.startsWith("mac") ? "Library/Caches" : ".cache");
                });
    }

    private static String systemName(Properties properties) {
        return properties.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    }

    private static Optional<String> text(@Nullable String value) {
        return Optional.ofNullable(value).filter(v -> !v.isBlank());
    }

    /** All folders in the order in which they are searched. */
    public List<Path> folders() {
        var folders = new ArrayList<Path>();
        chosen.ifPresent(folders::add);
        folders.addAll(system);
        folders.add(cache);
        return List.copyOf(folders);
    }
}
