package dev.fathom.train.run;

import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.json.Json;
import dev.fathom.io.json.JsonLines;
import dev.fathom.io.safetensors.SafeTensors;
import dev.fathom.io.safetensors.TreeFiles;
import dev.fathom.train.checkpoint.Checkpoints;
import dev.fathom.train.error.RunFolderException;
import dev.fathom.train.history.EpochRecord;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The files of one run.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

    /**
     * A new run in {@code path}, which must be missing or empty.
     *
     * @throws RunFolderException if something is there already
     */
    public static RunFolder create(Path path) {
        try {
            Files.createDirectories(path);
            try (var inside = Files.list(path)) {
                if (inside.findAny().isPresent()) {
                    throw new RunFolderException(
                            path
                                    + " is not empty. Resume the run that is in it, or give the new"
                                    + " one another folder");
                }
            }
            return new RunFolder(path);
        } catch (IOException e) {
            throw new FileAccessException("make the run folder", path, e);
        }
    }

    /** A new run in the first free folder {@code name-1}, {@code name-2}, ... of {@code parent}. */
    public static RunFolder next(Path parent, String name) {
        try {
            Files.createDirectories(parent);
            for (int i = 1; ; i++) {
                try {
                    return new RunFolder(Files.createDirectory(parent.resolve(name + "-" + i)));
                } catch (FileAlreadyExistsException _) {
                    // another run has it; making the folder is what reserves the number
                }
            }
        } catch (IOException e) {
            throw new FileAccessException("make a run folder in", parent, e);
        }
    }

    /**
     * A run that was made before.
     *
     * @throws RunFolderException if {@code path} has no {@code config.json}
     */
    public static RunFolder open(Path path) {
        var run = new RunFolder(path);
        if (!Files.isRegularFile(run.config())) {
            throw new RunFolderException(
                    path
                            + " is not the folder of a run: it has no config.json. Runs are made by"
                            + " training");
        }
        return run;
    }

    /** The settings. */
    public Path config() {
        return path.resolve("config.json");
    }

    /** The {@link Environment}. */
    public Path environment() {
        return path.resolve("environment.json");
    }

    /** The epochs; a {@link dev.fathom.train.listener.HistoryWriter} writes it. */
    public Path history() {
        return path.resolve("history.jsonl");
    }

    /** The best model. */
    public Path model() {
        return path.resolve("model.safetensors");
    }

    /** The folder of the {@link Checkpoints}. */
    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /** The page for people. */
    public Path report() {
        return path.resolve("report.html");
    }

    /** Writes the settings: a record, or a map. */
    public void writeConfig(Object config) {
        Json.writeFile(config(), config);
    }

    /** Reads the settings. */
    public <T> T readConfig(Class<T> type) {
        return Json.readFile(config(), type);
    }

    /** Writes the surroundings. */
    public void writeEnvironment(Environment environment) {
        Json.writeFile(environment(), environment);
    }

    /** Reads the surroundings. */
    public Environment readEnvironment() {
        return Json.readFile(environment(), Environment.class);
    }

    /** Reads the epochs; none if there is no file yet. */
    public List<EpochRecord> readHistory() {
        return Files.exists(history()) ? JsonLines.read(history(), EpochRecord.class) : List.of();
    }

    /** Saves the model with some text. */
    public void saveModel(Object model, Map<String, String> metadata) {
        TreeFiles.save(model(), model, metadata);
    }

    /** Loads the model into one made with the same settings. */
    public <M> M loadModel(M like) {
        return TreeFiles.load(model(), like);
    }

    /** The text saved with the model. */
    public Map<String, String> modelMetadata() {
        return SafeTensors.readMetadata(model());
    }
}
