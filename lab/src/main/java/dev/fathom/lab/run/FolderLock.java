package dev.fathom.lab.run;

import dev.fathom.io.error.FileAccessException;
import dev.fathom.lab.error.StudyException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder that one run writes at a time. The system gives the lock back when the process ends,
 * however it ends.
 */
record FolderLock(Path folder, FileChannel channel) implements AutoCloseable {

    /**
     * Takes the lock of a run's folder, which is made if it is missing.
     *
     * @throws StudyException if another run holds it
     */
    static FolderLock of(Path folder) {
        var file = folder.resolve("trials").resolve(".lock");
        try {
            Files.createDirectories(folder.resolve("trials"));
            var channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var lock = new FolderLock(folder, channel);
            if (!lock.isTaken()) {
                return lock;
            }
            lock.close();
        } catch (IOException e) {
            throw new FileAccessException("lock", folder, e);
        }
        throw new StudyException(
                "another run is at work in %s; wait for it, or take another folder with --out"
                        .formatted(folder));
    }

    private boolean isTaken() throws IOException {
        try {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException _) {
            return true; // by a thread of this process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new FileAccessException("unlock", folder, e);
        }
    }
}
