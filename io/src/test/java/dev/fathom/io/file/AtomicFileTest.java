package dev.fathom.io.file;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.io.error.FileAccessException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class AtomicFileTest {
    /** A place where even the administrator makes no file; the file that is tried is not named. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFolderThatTakesNoFileIsNamed() {
        assertThatThrownBy(() -> AtomicFile.write(Path.of("/proc/page.html"), "x"))
                .isInstanceOf(FileAccessException.class)
                .hasMessage("cannot write /proc/page.html: no file can be made in /proc");
    }

    @Test
    void aFileIsNoFolder(@TempDir Path folder) throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> AtomicFile.write(file.resolve("page.html"), "x"))
                .isInstanceOf(FileAccessException.class)
                .hasMessage(
                        "cannot write "
                                + file.resolve("page.html")
                                + ": "
                                + file
                                + " is in the way");
    }
}
