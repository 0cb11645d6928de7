package dev.fathom.examples.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can only be seen in the source text. */
class SourceTest {
    private static final int LONGEST_FILE = 600;

    /**
     * A case that takes a record apart or binds a variable of a type: {@code case Add(..)}, {@code
     * case Add _}.
     */
    private static final Pattern TYPE_CASE =
            Pattern.compile("\\bcase\\s+([A-Z][\\w.]*)(?:<[^>]*>)?(?:\\s*\\(|\\s+[a-z_])");

    private static final Pattern DEFAULT =
            Pattern.compile("\\bdefault\\s*(->|:)|\\bcase\\s+null\\s*,\\s*default\\b");

    private static final String INLINE = "-XX:CompileCommand=inline,dev.fathom.cpu.simd.";

    /** Its result, its name, its parameters. */
    private static final Pattern VECTOR_METHOD =
            Pattern.compile("static\\s+([\\w<>]+)\\s+(\\w+)\\(([^)]*)\\)\\s*\\{");

    private static final String VECTORS =
            "(?s).*\\b((Float|Double|Int|Long|Short|Byte)Vector|VectorMask)\\b.*";

    /** Methods that make constants, before anything is fast. */
    private static final Set<String> CONSTANTS = Set.of("lanes", "turns", "swap");

    private static final Pattern GUESSED =
            Pattern.compile(
                    "(?<!\\.cast\\(\\s{0,99})\\b(?:Float|Double|Byte|Short)Vector\\.(?:fromArray|broadcast)\\(|(?<!static"
                        + " final \\w{1,20} \\w{1,20} =\\s{1,40})"
                        + "\\b(?:Float|Double|Byte|Short)Vector\\.zero\\(");

    @Test
    void noFileIsTooLong() {
        List<String> tooLong =
                Checkout.sources("src/main/java", "src/test/java").stream()
                        .filter(f -> Checkout.read(f).lines().count() > LONGEST_FILE)
                        .map(Checkout::name)
                        .toList();
        assertThat(tooLong)
                .as("files of more than %d lines: is this two things?", LONGEST_FILE)
                .isEmpty();
    }

    /** {@code cpu.simd.Width#kind} says why. */
    @Test
    void kernelsSayWhatTheirVectorsAre() {
        List<String> found = new ArrayList<>();
        for (Path file : Checkout.sources("src/main/java/dev/fathom/cpu/simd")) {
            guessed(code(Checkout.read(file))).forEach(v -> found.add(Checkout.name(file) + v));
        }
        assertThat(found).as("V.cast(..) or ZERO.broadcast(..)").isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "V.cast(FloatVector.fromArray(S, a, i)).add(b)   | false",
                "V.cast(     FloatVector.fromArray(S, a, i))          | false",
                "FloatVector.fromArray(S, a, i).add(b)           | true",
                "ZERO.broadcast(2f)                              | false",
                "FloatVector.broadcast(S, 2f)                    | true",
                "DoubleVector.zero(S).blend(a, m)                | true",
                "static final FloatVector ZERO = FloatVector.zero(S) | false",
                "IntVector.fromArray(I, a, i)                    | false",
            })
    void theRuleOnVectorsSeesWhatItShould(String source, boolean forbidden) {
        assertThat(guessed(source).isEmpty()).isEqualTo(!forbidden);
    }

    /** Vectors whose kind C2 does not see, of types of which Fathom uses more than one kind. */
    private static List<String> guessed(String source) {
        return GUESSED.matcher(source).results().map(r -> ": " + r.group()).toList();
    }

    /** A method that C2 leaves as a call puts the vectors it takes and returns on the heap. */
    @Test
    void whatTakesOrReturnsAVectorIsInlined() {
        List<Pattern> inlined =
                Checkout.read(Checkout.ROOT.resolve("tools/java.options"))
                        .lines()
                        .filter(line -> line.startsWith(INLINE))
                        .map(line -> line.substring(INLINE.length()).split("::"))
                        .map(p -> Pattern.compile(p[0] + "::" + p[1].replace("*", "\\w*")))
                        .toList();
        List<String> calls = new ArrayList<>();
        for (Path file : Checkout.sources("src/main/java/dev/fathom/cpu/simd")) {
            String name = file.getFileName().toString().replace(".java", "");
            VECTOR_METHOD
                    .matcher(code(Checkout.read(file)))
                    .results()
                    .filter(m -> (m.group(1) + " " + m.group(3)).matches(VECTORS))
                    .map(m -> name + "::" + m.group(2))
                    .filter(m -> !CONSTANTS.contains(m.replaceFirst(".*::", "")))
                    .filter(m -> inlined.stream().noneMatch(p -> p.matcher(m).matches()))
                    .forEach(calls::add);
        }
        assertThat(calls).as("name them in tools/java.options").isEmpty();
        assertThat(inlined).hasSizeGreaterThan(10);
    }

    @Test
    void switchesOverTypesNameEveryCase() {
        Set<String> ours = new HashSet<>();
        Checkout.classes().forEach(c -> ours.add(c.getSimpleName()));
        List<String> found = new ArrayList<>();
        for (Path file : Checkout.sources("src/main/java")) {
            for (String body : switchBodies(code(Checkout.read(file)))) {
                if (hidesCases(body, ours)) {
                    found.add(
                            Checkout.name(file)
                                    + ": "
                                    + body.strip().lines().findFirst().orElse(""));
                }
            }
        }
        assertThat(found)
                .as("a default beside cases over types hides the case that somebody forgets to add")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "switch (p) { case Add _ -> 1; case Mul(var a) -> 2; }           | false",
                "switch (p) { case Add _ -> 1; default -> throw new E(); }       | true",
                "switch (p) { case Add(var a) -> 1; default -> 2; }              | true",
                "switch (n) { case 1 -> 1; default -> throw new E(); }           | false",
                "switch (d) { case FLOAT32 -> 1; default -> 2; }                 | false",
                "switch (p) { case Add _ -> switch (n) { default -> 1; }; }      | false",
                "switch (o) { case Add _ -> 1; case List<?> l -> 2; default -> 3; } | false",
                "switch (n) { default -> switch (p) { case Add _ -> 1; }; }      | false",
            })
    void theRuleOnSwitchesSeesWhatItShould(String source, boolean forbidden) {
        Set<String> ours = Set.of("Add", "Mul");
        assertThat(switchBodies(source).stream().anyMatch(body -> hidesCases(body, ours)))
                .isEqualTo(forbidden);
    }

    @Test
    void nothingIsLeftForLater() {
        Pattern leftOver =
                Pattern.compile("\\b(TODO|FIXME|XXX)\\b|UnsupportedOperationException\\(\\)");
        List<String> found =
                Checkout.sources("src/main/java").stream()
                        .filter(f -> leftOver.matcher(Checkout.read(f)).find())
                        .map(Checkout::name)
                        .toList();
        assertThat(found).isEmpty();
    }

    /** A switch over Object needs its default, and shows by a case over a type of the JDK's. */
    private static boolean hidesCases(String body, Set<String> ours) {
        List<String> types =
                TYPE_CASE
                        .matcher(body)
                        .results()
                        .map(r -> r.group(1).replaceAll(".*\\.", ""))
                        .toList();
        return !types.isEmpty() && ours.containsAll(types) && DEFAULT.matcher(body).find();
    }

    /** The bodies of all switches, each without those of the blocks inside it. */
    private static List<String> switchBodies(String code) {
        List<String> bodies = new ArrayList<>();
        Matcher matcher = Pattern.compile("\\bswitch\\s*\\(").matcher(code);
        while (matcher.find()) {
            int selectorEnd = closing(code, matcher.end() - 1, '(', ')');
            int start = code.indexOf('{', selectorEnd);
            if (start >= 0) {
                bodies.add(outermost(code.substring(start + 1, closing(code, start, '{', '}'))));
            }
        }
        return bodies;
    }

    private static int closing(String code, int open, char opening, char closing) {
        int depth = 0;
        for (int i = open; i < code.length(); i++) {
            if (code.charAt(i) == opening) {
                depth++;
            } else if (code.charAt(i) == closing && --depth == 0) {
                return i;
            }
        }
        return code.length();
    }

    private static String outermost(String body) {
        StringBuilder text = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < body.length(); i++) {
            char c = body.charAt(i);
            if (c == '}') {
                depth--;
            }
            if (depth == 0) {
                text.append(c);
            }
            if (c == '{') {
                depth++;
            }
        }
        return text.toString();
    }

    /** The text without comments, strings and character literals. */
    private static String code(String source) {
        return source.replaceAll("(?s)\"\"\".*?\"\"\"", "\"\"")
                .replaceAll("\"(\\\\.|[^\"\\\\\\n])*\"", "\"\"")
                .replaceAll("'(\\\\.|[^'\\\\\\n])+'", "' '")
                .replaceAll("(?s)/\\*.*?\\*/", " ")
                .replaceAll("//[^\\n]*", "");
    }
}
