package dev.fathom.train.checkpoint;

import dev.fathom.core.tensor.Tensor;
import dev.fathom.io.error.CorruptFileException;
import dev.fathom.io.error.FileAccessException;
import dev.fathom.io.error.FileException;
import dev.fathom.io.file.AtomicFile;
import dev.fathom.io.json.Json;
import dev.fathom.io.safetensors.SafeTensors;
import dev.fathom.io.safetensors.TreeFiles;
import dev.fathom.train.error.CheckpointException;
import dev.fathom.train.error.SettingException;
import dev.fathom.train.history.EpochRecord;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A folder of checkpoint files, {@code checkpoint-00000120.safetensors} after step 120. Each is
 * complete by itself: the tensors {@code model.*}, {@code optimizer.*}, {@code key.bits}, {@code
 * step} and, if the best model is another one, {@code best.*}; the rest is JSON in the metadata.
 * Each is written beside its place, forced to the disk and renamed, and carries a checksum.
 *
 * @param folder where they are
 * @param keep how many of the newest are kept, at least 1; that of the best epoch is kept besides
 * @param fallsBack whether {@link #latest} may use an older file when the newest is damaged
 */
public record Checkpoints(Path folder, int keep, boolean fallsBack) {
    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{8,18})\\.safetensors");
    private static final String KEY = "fathom.checkpoint";
    private static final String BEST = "best.";
    private static final int FORMAT = 1;

    /** What is not a tensor. */
    public record Meta(
            int format,
            long step,
            Position position,
            Sums sums,
            List<EpochRecord> history,
            Optional<Integer> bestEpoch,
            boolean bestIsHere,
            BatchPlan plan,
            Optional<String> objective) {
        /** Files of before the objective was noted have none. */
        public Meta {
            objective = Objects.requireNonNullElse(objective, Optional.empty());
        }
    }

    /** Checks the count. */
    public Checkpoints {
        if (keep < 1) {
            throw new SettingException("keep is " + keep + "; at least 1 checkpoint must be kept");
        }
    }

    /** The newest three and the best, in {@code folder}, which need not exist yet. */
    public static Checkpoints in(Path folder) {
        return new Checkpoints(folder, 3, false);
    }

    /** The same keeping another number of the newest. */
    public Checkpoints keeping(int newest) {
        return new Checkpoints(folder, newest, fallsBack);
    }

    /**
     * The same, using an older file when newer ones are damaged; the steps in between are made
     * again.
     */
    public Checkpoints fallingBack() {
        return new Checkpoints(folder, keep, true);
    }

    /** The files, oldest first. */
    public List<Path> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var listed = Files.list(folder)) {
            return listed.filter(f -> NAME.matcher(f.getFileName().toString()).matches())
                    .sorted(Comparator.comparingLong(Checkpoints::step))
                    .toList();
        } catch (IOException e) {
            throw new FileAccessException("list", folder, e);
        }
    }

    private static long step(Path file) {
        var name = NAME.matcher(file.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    /** The file of a step. */
    public Path file(long step) {
        return folder.resolve(String.format(Locale.ROOT, "checkpoint-%08d.safetensors", step));
    }

    /** Removes the temporary files of a killed writer. */
    public void removeLeftovers() {
        AtomicFile.removeLeftovers(folder, "checkpoint-");
    }

    // ---- writing -------------------------------------------------------------------------------

    /** Writes a checkpoint, then removes those no longer to be kept. */
    public Path save(Checkpoint<?, ?> checkpoint) {
        long step = checkpoint.step();
        var file = file(step);
        var tensors =
                new LinkedHashMap<String, Tensor>(TreeFiles.named(file, "", checkpoint.state()));
        boolean here = bestIsHere(checkpoint);
        if (!here) {
            checkpoint
                    .best()
                    .ifPresent(b -> tensors.putAll(TreeFiles.named(file, BEST, b.model())));
        }
        var meta =
                new Meta(
                        FORMAT,
                        step,
                        checkpoint.position(),
                        checkpoint.sums(),
                        checkpoint.history(),
                        checkpoint.best().map(Best::epoch),
                        here,
                        checkpoint.plan(),
                        checkpoint.objective());
        SafeTensors.write(file, tensors, Map.of(KEY, Json.write(meta)));
        prune(meta);
        return file;
    }

    /** Whether the model of this moment is the best one, so that it need not be written twice. */
    private static boolean bestIsHere(Checkpoint<?, ?> c) {
        return c.position().batch() == 0
                && c.best().map(b -> b.epoch() == c.position().epoch()).orElse(false);
    }

    private void prune(Meta newest) {
        var files = new ArrayList<>(files());
        files.removeIf(f -> step(f) > newest.step());
        for (var file : files.subList(0, Math.max(0, files.size() - keep))) {
            if (!isBest(file, newest)) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new FileAccessException("remove", file, e);
                }
            }
        }
    }

    private static boolean isBest(Path file, Meta newest) {
        try {
            var meta = meta(file, SafeTensors.readMetadata(file));
            return meta.bestIsHere() && meta.bestEpoch().equals(newest.bestEpoch());
        } catch (CorruptFileException _) {
            // a damaged file is not ours to remove: somebody may want to look at it
            return true;
        }
    }

    // ---- reading -------------------------------------------------------------------------------

    private static Meta meta(Path file, Map<String, String> metadata) {
        var json = metadata.get(KEY);
        if (json == null) {
            throw new CorruptFileException(
                    file, "it has no '" + KEY + "' in its metadata, so it is no checkpoint");
        }
        var meta = Json.read(file, json, Meta.class);
        if (meta.format() != FORMAT) {
            throw new CheckpointException(
                    file
                            + " has the checkpoint format "
                            + meta.format()
                            + ", this version reads "
                            + FORMAT
                            + "; continue the run with the version that wrote it");
        }
        return meta;
    }

    /**
     * The newest checkpoint. A damaged one is not passed over in silence: unless {@link
     * #fallingBack} was asked for, the error names it, its damage, and the newest intact one.
     *
     * @param like a state of the same structure, such as that of a run about to begin
     */
    public <M, S> Checkpoint<M, S> latest(State<M, S> like) {
        var files = files().reversed();
        if (files.isEmpty()) {
            throw new CheckpointException(
                    "there is no checkpoint in "
                            + folder
                            + "; begin the run anew, or name the folder of another");
        }
        for (var file : files) {
            try {
                return read(file, like);
            } catch (CorruptFileException damage) {
                if (!fallsBack) {
                    throw damaged(files, damage);
                }
            }
        }
        throw new CheckpointException(
                "all " + files.size() + " checkpoints in " + folder + " are damaged");
    }

    private static CheckpointException damaged(List<Path> files, CorruptFileException damage) {
        var intact = files.stream().filter(Checkpoints::isIntact).findFirst();
        return new CheckpointException(
                "the newest checkpoint, "
                        + damage.file()
                        + ", is damaged: "
                        + damage.reason()
                        + ". "
                        + intact.map(f ->
                                        "The newest intact one is "
                                                + f.getFileName()
                                                + "; to go on from there, remove the damaged"
                                                + " file, or allow it with"
                                                + " Checkpoints.fallingBack()")
                                .orElse("No older one is intact; begin the run anew"),
                damage);
    }

    private static boolean isIntact(Path file) {
        try {
            meta(file, SafeTensors.readVerified(file).metadata());
            return true;
        } catch (FileException | CheckpointException _) {
            return false;
        }
    }

    /** One checkpoint. */
    public static <M, S> Checkpoint<M, S> read(Path file, State<M, S> like) {
        var content = SafeTensors.readVerified(file);
        var meta = meta(file, content.metadata());
        var own = new LinkedHashMap<String, Tensor>();
        var best = new LinkedHashMap<String, Tensor>();
        content.tensors().forEach((name, t) -> (name.startsWith(BEST) ? best : own).put(name, t));
        var state = TreeFiles.restore(file, own, "", like);
        Optional<Best<M>> restored =
                meta.bestEpoch()
                        .map(epoch ->
                                new Best<>(
                                        meta.bestIsHere()
                                                ? Copy.of(state.model())
                                                : TreeFiles.restore(file, best, BEST, like.model()),
                                        epoch));
        return new Checkpoint<>(
                state,
                meta.position(),
                meta.sums(),
                meta.history(),
                restored,
                meta.plan(),
                meta.objective());
    }
}
