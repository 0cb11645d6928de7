package dev.fathom.data.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.read.Idx;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

class DatasetsTest {
    private static final String[] FILES = {
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte"
    };

    private static DataHome home(Path chosen) {
        return new DataHome(Optional.of(chosen), List.of(), chosen.resolve("cache"));
    }

    @Test
    void theNamesAreTheOnesUsersType() {
        assertThat(Datasets.list())
                .extracting(DatasetInfo::name)
                .containsExactlyInAnyOrder(
                        "fashion-mnist", "fashion-mnist-small", "mnist", "digits", "mnist-1d");
        assertThatThrownBy(() -> Datasets.load("minst"))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessageContaining("'minst'")
                .hasMessageContaining("mnist-1d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fashion-mnist-small", "digits", "mnist-1d"})
    void builtInSetsAreWhatTheirDescriptionSays(String name) {
        var info = Datasets.describe(name);
        assertThat(info.isBuiltIn()).isTrue();
        assertThat(Datasets.isAvailable(name)).isTrue();
        var data = Datasets.load(name);
        assertThat(data.train().size()).isEqualTo(info.train());
        assertThat(data.test().size()).isEqualTo(info.test());
        assertThat(data.train().featureShape()).isEqualTo(info.features());
        assertThat(data.train().outputs()).isEqualTo(info.classes());
        assertThat(data.test().classNames()).isEqualTo(data.train().classNames());
        assertThat(data.train().name()).isEqualTo(name);
    }

    @Test
    void theSmallSetIsBalancedAndHasClothes() {
        var data = Datasets.load("fashion-mnist-small");
        assertThat(data.train().classCounts()).hasSize(10).containsOnly(600);
        assertThat(data.test().classCounts()).hasSize(10).containsOnly(100);
        assertThat(data.train().classNames()).startsWith("T-shirt/top").endsWith("Ankle boot");
        assertThat(data.train().source()).isEqualTo("built in");
        assertThat(data.train().labels()[0])
                .isEqualTo(9); // the first image of the full set is a boot
    }

    /** The pixels of the first row of digits.csv, which shows a zero: 0 0 5 13 9 1 0 0 of 16. */
    @Test
    void digitsAreSixteenths() {
        var data = Datasets.load("digits");
        var zero = data.train().example(0);
        assertThat(zero.label().item()).isEqualTo(0);
        assertThat(zero.features().shape()).isEqualTo(Shape.of(8, 8, 1));
        assertThat(zero.features().toFloats())
                .startsWith(0f, 0f, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0f, 0f);
        assertThat(data.train().classCounts()[0] + data.test().classCounts()[0]).isEqualTo(178);
    }

    @Test
    void normalisingUsesTheTrainingPart() {
        var data = Datasets.load("digits").normalised();
        var values = data.train().all().features().toFloats();
        double sum = 0;
        double squares = 0;
        for (float v : values) {
            sum += v;
            squares += v * v;
        }
        assertThat(sum / values.length).isEqualTo(0, within(1e-4));
        assertThat(squares / values.length).isEqualTo(1, within(1e-4));
        assertThat(data.test().normalisation()).isEqualTo(data.train().normalisation());
    }

    @Test
    void setsThatAreMissingSayHowToGetThem(@TempDir Path folder) {
        assertThat(Datasets.isAvailable("mnist", home(folder))).isFalse();
        assertThatThrownBy(() -> Datasets.load("mnist", home(folder)))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessageContaining("fathom data fetch mnist")
                .hasMessageContaining("FATHOM_DATA")
                .hasMessageContaining(folder.toString());
    }

    @Test
    void otherFilesAreNotTakenForTheRightOnes(@TempDir Path folder) throws IOException {
        copySmall(folder.resolve("fashion-mnist"), "%s.gz");
        assertThat(Datasets.isAvailable("fashion-mnist", home(folder))).isTrue();
        assertThatThrownBy(() -> Datasets.load("fashion-mnist", home(folder)))
                .isInstanceOf(ChecksumException.class)
                .hasMessageContaining("train-images-idx3-ubyte has the SHA-256 cf313073");
        Files.write(folder.resolve("fashion-mnist/train-images-idx3-ubyte.gz"), new byte[] {31});
        assertThatThrownBy(() -> Datasets.load("fashion-mnist", home(folder)))
                .isInstanceOf(ChecksumException.class)
                .hasMessageContaining("is not an IDX file");
    }

    /** The small set's files stand in for a large one's. */
    private static IdxSet set() {
        return TestSets.small("set");
    }

    private static void copySmall(Path folder, String pattern) throws IOException {
        Files.createDirectories(folder);
        for (var file : FILES) {
            Files.write(folder.resolve(pattern.formatted(file)), TestSets.gzip(file));
        }
    }

    @Test
    void setsAreFoundUnderTheirUsualNames(@TempDir Path folder) throws IOException {
        for (var layout : List.of("set/%s.gz", "Other/raw/%s", "%s.gz")) {
            var place =
                    folder.resolve(layout.replace("%s", "").replace(".gz", "x").replace('/', '-'));
            for (var file : FILES) {
                var target = place.resolve(layout.formatted(file));
                Files.createDirectories(target.getParent());
                Files.write(target, TestSets.gzip(file));
            }
            var data = set().load(home(place));
            assertThat(data.train().size()).isEqualTo(6000);
            assertThat(data.train().source()).startsWith(place.toString());
        }
        var dotted = folder.resolve("dotted/set");
        copySmall(dotted, "%s");
        for (var file : FILES) {
            Files.move(dotted.resolve(file), dotted.resolve(file.replace("-idx", ".idx")));
        }
        assertThat(set().load(home(folder.resolve("dotted"))).test().size()).isEqualTo(1000);
    }

    @Test
    void aWrongCopyDoesNotHideARightOne(@TempDir Path folder) throws IOException {
        copySmall(folder.resolve("set"), "%s.gz");
        Files.write(folder.resolve("set/train-labels-idx1-ubyte.gz"), new byte[] {0, 0, 8, 1});
        copySmall(folder.resolve("cache/set"), "%s.gz");
        var data = set().load(home(folder));
        assertThat(data.train().source()).isEqualTo(folder.resolve("cache/set").toString());
        // zcat of both files | sha256sum
        assertThat(data.train().sha256())
                .isEqualTo("bac9884994a3b1e8c4ebb74b978f6feae61c53b8f9e8071947e14309a417a6a9");
        assertThat(Idx.read(folder.resolve("cache/set/t10k-labels-idx1-ubyte.gz")).sha256())
                .isEqualTo(set().testLabels());
    }

    @Test
    void theUsersFolderComesFirst() {
        var properties = new Properties();
        properties.setProperty("user.home", "/home/ada");
        properties.setProperty("os.name", "Linux");
        var home = DataHome.of(properties, Map.of("FATHOM_DATA", "/data"));
        assertThat(home.folders())
                .containsExactly(
                        Path.of("/data"),
                        Path.of("/usr/local/share/datasets"),
                        Path.of("/usr/share/datasets"),
                        Path.of("/home/ada/.cache/fathom/data"));
        properties.setProperty("fathom.data", "/mine");
        assertThat(DataHome.of(properties, Map.of("FATHOM_DATA", "/data")).chosen())
                .contains(Path.of("/mine"));
        var cache = Path.of("cache").toAbsolutePath();
        assertThat(DataHome.of(properties, Map.of("XDG_CACHE_HOME", cache.toString())).cache())
                .isEqualTo(cache.resolve("fathom/data"));
        properties.setProperty("os.name", "Mac OS X");
        assertThat(DataHome.of(properties, Map.of()).cache())
                .isEqualTo(Path.of("/home/ada/Library/Caches/fathom/data"));
        properties.setProperty("os.name", "Windows 11");
        assertThat(DataHome.of(properties, Map.of("LOCALAPPDATA", "/local")).cache())
                .isEqualTo(Path.of("/local/fathom/data"));
    }
}
