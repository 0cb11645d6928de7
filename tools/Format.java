import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks or rewrites every Java file of the tree with google-java-format in its AOSP style (four
 * spaces, one hundred columns). The root pom runs it in {@code verify}; {@code tools/format} runs
 * it to rewrite.
 *
 * <p>It exists because the usual formatter plugins parse with the JVM that runs Maven, and an older
 * one cannot read Java 25. Arguments: {@code check} or {@code write}, then the root of the tree.
 */
final class Format {
    private static final Set<String> SKIPPED = Set.of("target", ".git", ".mvn", "node_modules");

    private static final Formatter FORMATTER =
            new Formatter(
                    JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.AOSP).build());

    private record Outcome(Path file, boolean changed, String error) {}

    private Format() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2 || !Set.of("check", "write").contains(args[0])) {
            System.err.println("usage: Format check|write ROOT");
            System.exit(2);
        }
        boolean write = args[0].equals("write");
        Path root = Path.of(args[1]).toRealPath();
        List<Outcome> outcomes =
                sources(root).parallelStream().map(file -> format(root, file, write)).toList();

        List<Outcome> failed = outcomes.stream().filter(o -> !o.error.isEmpty()).toList();
        List<Outcome> changed = outcomes.stream().filter(Outcome::changed).toList();
        failed.forEach(o -> System.err.println(o.error));
        if (write) {
            System.out.println("formatted " + changed.size() + " of " + outcomes.size() + " files");
        } else if (!changed.isEmpty()) {
            System.err.println(
                    changed.size() + " of " + outcomes.size() + " files are not formatted:");
            changed.forEach(o -> System.err.println("  " + o.file));
            System.err.println("To format them:  tools/format");
        }
        System.exit(failed.isEmpty() && (write || changed.isEmpty()) ? 0 : 1);
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> walk = Files.find(root, 32, (p, a) -> a.isRegularFile())) {
            return walk.filter(p -> p.toString().endsWith(".java"))
                    .map(root::relativize)
                    .filter(p -> !SKIPPED.contains(p.getName(0).toString()))
                    .filter(p -> p.getNameCount() < 2 || !SKIPPED.contains(p.getName(1).toString()))
                    .sorted()
                    .toList();
        }
    }

    private static Outcome format(Path root, Path file, boolean write) {
        try {
            Path path = root.resolve(file);
            String before = Files.readString(path);
            String after = settled(before);
            if (write && !after.equals(before)) {
                Files.writeString(path, after);
            }
            return new Outcome(file, !after.equals(before), "");
        } catch (FormatterException | IOException e) {
            return new Outcome(file, false, file + ": " + e.getMessage());
        }
    }

    /** Formatting once more can still move a line that was just wrapped; so until nothing moves. */
    private static String settled(String source) throws FormatterException {
        String text = source;
        for (int round = 0; round < 5; round++) {
            String next = FORMATTER.formatSourceAndFixImports(text);
            if (next.equals(text)) {
                break;
            }
            text = next;
        }
        return text;
    }
}
