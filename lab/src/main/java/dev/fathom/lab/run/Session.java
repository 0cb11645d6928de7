package dev.fathom.lab.run;

import dev.fathom.io.json.Json;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.studies.Studies;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What was asked for, so that it can be continued: {@code session.json} beside the runs.
 *
 * @param studies names, or files of source
 * @param seeds 0 for as many as each card asks for
 */
public record Session(List<String> studies, String tier, long seed, int seeds) {
    private static final String FILE = "session.json";

    /** Refuses what a damaged file may say. */
    public Session {
        if (present("studies", studies).stream().anyMatch(Objects::isNull)) {
            throw new StudyException("a study has no name");
        }
        studies = List.copyOf(studies);
        tier(present("tier", tier));
        if (seeds < 0) {
            throw new StudyException("the number of seeds is " + seeds);
        }
    }

    /** The value, which a damaged file may lack. */
    static <T> T present(String name, @Nullable T value) {
        if (value == null) {
            throw new StudyException("there is no \"" + name + "\"");
        }
        return value;
    }

    /** The tier of this word. */
    static Tier tier(String word) {
        return Arrays.stream(Tier.values())
                .filter(t -> t.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new StudyException("the tier is smoke, quick or full, not " + word));
    }

    /** For a list of names, of which {@code all} and {@code tour} stand for many. */
    public static Session of(List<String> names, Order order) {
        var studies = new ArrayList<String>();
        for (var name : names) {
            switch (name) {
                case "all" -> Studies.all().forEach(study -> add(studies, name(study)));
                case "tour" -> Studies.tour().forEach(study -> add(studies, name(study)));
                default ->
                        add(studies, isSource(name) ? absolute(name) : name(Studies.named(name)));
            }
        }
        return new Session(studies, order.tier().word(), order.seed(), order.seeds());
    }

    private static String name(Study study) {
        return study.card(Tier.QUICK).name();
    }

    /** So that it can be continued from another folder. */
    private static String absolute(String file) {
        return Path.of(file).toAbsolutePath().normalize().toString();
    }

    private static boolean isSource(String name) {
        return name.endsWith(".java");
    }

    private static void add(List<String> all, String name) {
        if (!all.contains(name)) {
            all.add(name);
        }
    }

    /** The study of a name or of a file of source. */
    public static Study study(String name) {
        return isSource(name) ? StudySource.load(Path.of(name)) : Studies.named(name);
    }

    /** The studies themselves. */
    public List<Study> load() {
        return studies.stream().map(Session::study).toList();
    }

    /** The order that every study of it has. */
    public Order order() {
        return new Order(tier(tier), seed, seeds);
    }

    /** Keeps it in a folder. */
    public void write(Path out) {
        Json.writeFile(out.resolve(FILE), this);
    }

    /**
     * The one last begun in a folder.
     *
     * @throws StudyException if there is none
     */
    public static Session read(Path out) {
        if (!Files.exists(out.resolve(FILE))) {
            throw new StudyException(
                    "nothing was begun in %s; 'fathom lab run NAME' begins".formatted(out));
        }
        return Json.readFile(out.resolve(FILE), Session.class);
    }
}
