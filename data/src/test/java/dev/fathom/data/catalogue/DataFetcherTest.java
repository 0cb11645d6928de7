package dev.fathom.data.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.DownloadException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

@Timeout(60)
class DataFetcherTest {
    private static final IdxSet SET = TestSets.small("set");

    @TempDir Path cache;

    private DataHome home() {
        return new DataHome(Optional.empty(), List.of(), cache);
    }

    private DataFetcher from(LoopbackServer... servers) {
        var mirrors = new ArrayList<URI>();
        for (var server : servers) {
            mirrors.add(server.address());
        }
        return DataFetcher.of(home()).withMirrors(mirrors);
    }

    private List<String> files() throws IOException {
        try (var list = Files.list(cache.resolve("set"))) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void filesArriveCheckedAndTheSetLoads() throws IOException {
        try (var server = LoopbackServer.of(TestSets::gzip)) {
            var heard = new ArrayList<String>();
            var folder =
                    from(server)
                            .withProgress((file, bytes, total) -> {
                                if (bytes == total) {
                                    heard.add(file + " " + total);
                                }
                            })
                            .fetch(SET);
            assertThat(folder).isEqualTo(cache.resolve("set"));
            assertThat(files())
                    .containsExactly(
                            "t10k-images-idx3-ubyte.gz",
                            "t10k-labels-idx1-ubyte.gz",
                            "train-images-idx3-ubyte.gz",
                            "train-labels-idx1-ubyte.gz");
            assertThat(heard).hasSize(4).contains("train-labels-idx1-ubyte.gz 3078");
            assertThat(SET.load(home()).train().size()).isEqualTo(6000);
            assertThat(server.requests()).hasSize(4);
        }
    }

    @Test
    void whatIsThereIsNotFetchedAgainUnlessItIsDamaged() throws IOException {
        try (var server = LoopbackServer.of(TestSets::gzip)) {
            from(server).fetch(SET);
            Files.write(
                    cache.resolve("set/t10k-labels-idx1-ubyte.gz"),
                    new byte[] {0x1f, (byte) 0x8b, 1});
            from(server).fetch(SET);
            assertThat(server.requests()).hasSize(5).last().isEqualTo("t10k-labels-idx1-ubyte.gz");
            assertThat(SET.load(home()).test().size()).isEqualTo(1000);
        }
    }

    @Test
    void aWrongFileIsNotKept() throws IOException {
        try (var server = LoopbackServer.of(_ -> new byte[] {1, 2, 3})) {
            assertThatThrownBy(() -> from(server).fetch(SET))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("SHA-256")
                    .hasMessageContaining("cf313073")
                    .hasMessageContaining(server.address().toString());
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void aServerWithoutTheFileIsNamed() throws IOException {
        try (var server = LoopbackServer.answering(404)) {
            assertThatThrownBy(() -> from(server).fetch(SET))
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("status 404");
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void aCutConnectionLeavesNothing() throws IOException {
        try (var server = LoopbackServer.cutting(TestSets::gzip)) {
            assertThatThrownBy(() -> from(server).fetch(SET)).isInstanceOf(DownloadException.class);
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void theNextServerIsTried() throws IOException {
        try (var missing = LoopbackServer.answering(404);
                var wrong = LoopbackServer.of(_ -> new byte[9]);
                var right = LoopbackServer.of(TestSets::gzip)) {
            from(missing, wrong, right).fetch(SET);
            assertThat(files()).hasSize(4);
        }
    }

    @Test
    void withoutANetworkTheErrorSaysSo() throws IOException {
        URI gone;
        try (var server = LoopbackServer.answering(404)) {
            gone = server.address();
        }
        assertThatThrownBy(() -> DataFetcher.of(home()).withMirrors(List.of(gone)).fetch(SET))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining(gone.toString())
                .hasMessageContaining("Is this machine online?");
        assertThat(files()).isEmpty();
    }

    @Test
    void builtInSetsNeedNoFetching() {
        assertThatThrownBy(() -> DataFetcher.of(home()).fetch("digits"))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("ships with Fathom");
        assertThatThrownBy(() -> DataFetcher.of(home()).fetch("nothing"))
                .isInstanceOf(DataNotFoundException.class);
    }
}
