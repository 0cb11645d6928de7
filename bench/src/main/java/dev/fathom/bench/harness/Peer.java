package dev.fathom.bench.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Frameworks that Fathom is compared with. The peer {@code NAME} is the Maven module {@code
 * bench/NAME}, built with {@code -Ppeers}, and its worker is {@code dev.fathom.bench.NAME.Worker};
 * the launcher needs no list of them.
 */
public enum Peer {
    /** PyTorch's library through DJL, as it is and with the settings that help it. */
    LIBTORCH {
        @Override
        List<Side> sides(Path jars, int threads) {
            return List.of(Side.libtorch(jars, threads, false), Side.libtorch(jars, threads, true));
        }
    };

    /**
     * What it runs as, each with other settings.
     *
     * @param jars the folder of its jars
     */
    abstract List<Side> sides(Path jars, int threads);

    /** What it is called on the command line. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * What it runs as.
     *
     * @param bench the folder that holds the modules of peers
     * @throws BenchException if it has not been built
     */
    public List<Side> built(Path bench, int threads) {
        var jars = bench.resolve(id()).resolve(Path.of("target", "app", "lib"));
        if (!Files.isDirectory(jars)) {
            throw new BenchException(
                    id() + " has not been built; start this with ./fathom bench --peer " + id());
        }
        return sides(jars, threads);
    }

    /**
     * The peers of these names; {@code none} is no peer.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public static Set<Peer> named(List<String> names) {
        var found = EnumSet.noneOf(Peer.class);
        for (var name : names) {
            if (!name.equals("none")) {
                found.add(
                        Arrays.stream(values())
                                .filter(p -> p.id().equals(name))
                                .findFirst()
                                .orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "--peer "
                                                        + name
                                                        + " is not known; there are "
                                                        + ids()
                                                        + ", none")));
            }
        }
        return found;
    }

    private static String ids() {
        return Arrays.stream(values()).map(Peer::id).collect(Collectors.joining(", "));
    }
}
