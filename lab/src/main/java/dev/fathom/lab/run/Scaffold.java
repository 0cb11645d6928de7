package dev.fathom.lab.run;

import dev.fathom.lab.error.StudyException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A first version of a study, which runs as it stands. */
public record Scaffold(String file, String source) {

    /**
     * For a name such as {@code coin-tosses}.
     *
     * @throws StudyException if the name is no name of a study
     */
    public static Scaffold of(String id, String name) {
        if (!name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*")) {
            throw new StudyException(
                    "\"%s\" is no name for a study; take lower-case words and hyphens, such as coin-tosses"
                            .formatted(name));
        }
        var type = new StringBuilder();
        for (var word : name.split("-")) {
            type.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return new Scaffold(
                type + ".java",
                template()
                        .replace("{{id}}", id)
                        .replace("{{name}}", name)
                        .replace("{{class}}", type));
    }

    private static String template() {
        try (var in = Objects.requireNonNull(Scaffold.class.getResourceAsStream("study.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
