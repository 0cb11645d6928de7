package dev.fathom.cli.run;

import dev.fathom.cli.error.UsageException;
import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.DType;
import dev.fathom.core.tensor.TensorType;
import dev.fathom.io.json.Json;
import dev.fathom.nn.layer.Layer;
import dev.fathom.nn.layer.Summary;
import dev.fathom.train.error.RunFolderException;
import dev.fathom.train.history.EpochRecord;
import dev.fathom.train.run.Environment;
import dev.fathom.train.run.RunFolder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a training leaves: a {@link RunFolder} whose {@code config.json} is a {@link RunConfig}, and
 * beside its files {@code result.json}, a {@link Result}, once it has come to its end.
 *
 * @param folder the files
 */
public record Run(RunFolder folder) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

    /**
     * A new run in the folder that a person named.
     *
     * @throws UsageException if something is in it: a run never overwrites another
     */
    public static Run create(Path path) {
        requireFree(path);
        try {
            return new Run(RunFolder.create(path));
        } catch (RunFolderException taken) {
            throw new UsageException(
                    "--out " + path + " is not empty; name a new or an empty folder");
        }
    }

    /**
     * Refuses a folder that cannot be that of a new run; it is not there afterwards if it was not
     * before.
     *
     * @throws UsageException if it is a file, if something is in it, or if it cannot be made
     */
    public static void requireFree(Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new UsageException("--out " + path + " is a file; name a new or an empty folder");
        }
        if (Files.isDirectory(path)) {
            try (var inside = Files.list(path)) {
                if (inside.findAny().isPresent()) {
                    throw new UsageException(
                            "--out " + path + " is not empty; name a new or an empty folder");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        var made = new ArrayList<Path>();
        for (var p = path.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) {
            made.add(p);
        }
        try {
            Files.createDirectories(path);
            Files.delete(Files.createTempFile(path, "fathom", ""));
        } catch (IOException e) {
            throw new UsageException(
                    "--out " + path + ": no run can be written there; name another folder");
        } finally {
            made.forEach(folder -> folder.toFile().delete());
        }
    }

    /** The folder of a new run below {@code parent} that nothing has the name of. */
    public static Path next(Path parent, LocalDateTime now, String data, Network model) {
        var plain = data.replaceAll("[^A-Za-z0-9._-]+", "_");
        var name = TIME.format(now) + "-" + plain + "-" + model.word();
        var path = parent.resolve(name);
        for (int i = 2; Files.exists(path); i++) {
            path = parent.resolve(name + "-" + i);
        }
        return path;
    }

    /**
     * A run that was made before.
     *
     * @throws UsageException if {@code path} is not the folder of one
     */
    public static Run open(Path path) {
        if (!Files.isDirectory(path)) {
            throw new UsageException("there is no folder " + path);
        }
        try {
            return new Run(RunFolder.open(path));
        } catch (RunFolderException other) {
            throw new UsageException(path + " is not the folder of a run: it has no config.json");
        }
    }

    /** Where it is. */
    public Path path() {
        return folder.path();
    }

    private Path resultFile() {
        return path().resolve("result.json");
    }

    /** True if the run came to its end. */
    public boolean isFinished() {
        return Files.isRegularFile(resultFile());
    }

    /** What was trained on what, and how. */
    public RunConfig config() {
        return folder.readConfig(RunConfig.class);
    }

    /** How good it is. */
    public Result result() {
        return Json.readFile(resultFile(), Result.class);
    }

    /** What was measured after each epoch. */
    public List<EpochRecord> epochs() {
        return folder.readHistory();
    }

    /** What the result depends on beside the configuration. */
    public Environment environment() {
        return folder.readEnvironment();
    }

    /** The files in the order of their names. */
    public List<Path> files() throws IOException {
        try (var walk = Files.walk(path())) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /**
     * The trained network.
     *
     * @throws UsageException if the run has not come to its end
     */
    public Layer network(RunConfig config) {
        if (!Files.isRegularFile(folder.model())) {
            throw new UsageException(
                    path()
                            + " has no trained network yet; finish the run with: fathom train"
                            + " --resume "
                            + path());
        }
        return folder.loadModel(fresh(config));
    }

    /** The network of a run as it was before any training. */
    public static Layer fresh(RunConfig config) {
        var data = config.data();
        var key = Key.of(config.seed()).stream("model");
        return config.model().of(data.example(), data.outputs(), key);
    }

    /** The layers of a run's network. */
    public static Summary summary(RunConfig config) {
        var data = config.data();
        return data.tokenizer().isPresent()
                ? Summary.of(fresh(config), new TensorType(data.example(), DType.INT32))
                : Summary.of(fresh(config), data.example());
    }

    void write(Result result) {
        Json.writeFile(resultFile(), result);
    }
}
