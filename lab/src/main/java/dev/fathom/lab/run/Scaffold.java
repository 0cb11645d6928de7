package dev.fathom.lab.run;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Tier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;

/** A first version of a study, which runs as it stands. */
public record Scaffold(String file, String source) {
    /** Words of the command line, and classes that the template uses. */
    private static final Set<String> TAKEN =
            Set.of(
                    "all",
                    "tour",
                    "card",
                    "estimate",
                    "expectation",
                    "figure",
                    "list",
                    "oracle",
                    "override",
                    "plot",
                    "results",
                    "string",
                    "study",
                    "tier",
                    "trial");

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
        if (!id.matches("[A-Za-z0-9._-]+")) {
            throw new StudyException(
                    "\"%s\" is no number for a study; take letters and digits, such as X01"
                            .formatted(id));
        }
        if (TAKEN.contains(name)
                || Studies.all().stream().anyMatch(s -> s.card(Tier.QUICK).name().equals(name))) {
            throw new StudyException("the name \"%s\" is taken; take another".formatted(name));
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
