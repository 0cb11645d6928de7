package dev.fathom.lab.run;

import dev.fathom.io.error.FileAccessException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Folders that do not stay. */
final class Folders {
    private Folders() {}

    static Path temporary(String name) {
        try {
            return Files.createTempDirectory(name);
        } catch (IOException e) {
            throw new FileAccessException("make a folder in", tempFolder(), e);
        }
    }

    private static Path tempFolder() {
        return Path.of(System.getProperty("java.io.tmpdir", ""));
    }

    /** With all that is in it. */
    static void delete(Path folder) {
        try (var all = Files.walk(folder)) {
            for (var one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        } catch (IOException e) {
            throw new FileAccessException("delete", folder, e);
        }
    }
}
