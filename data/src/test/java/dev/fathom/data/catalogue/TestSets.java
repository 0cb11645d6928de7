package dev.fathom.data.catalogue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The files of the small set under the names and in the role of a set that is kept outside the
 * library.
 */
final class TestSets {
    private TestSets() {}

    static IdxSet small(String name) {
        return new IdxSet(
                name,
                "cf313073c7eb485392848071d5c433571d7166043e971e3345b095cc30518084",
                "097b93fbcf9bd5bc648b1a457ddc55c9e4ab49afb33f9ecae8ce068399a75e3a",
                "7cee33c3c6414b1b86c25e665a6c4f41584269de3b7cc9768b1d351922845eef",
                "3128d790775889812b73c4f13923559c8b9e281d112c6ea7862acf60a206a909",
                IntStream.range(0, 10).mapToObj(Integer::toString).toList(),
                List.of("Other/raw"),
                List.of());
    }

    static byte[] gzip(String file) {
        var path = "fashion-mnist-small/fashion-mnist-small-" + file + ".gz";
        try (var in = Datasets.class.getResourceAsStream(path)) {
            return Objects.requireNonNull(in).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
