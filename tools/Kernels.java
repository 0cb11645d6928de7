import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What C2 made of the vector kernels, from a log of the JVM:
 *
 * <pre>
 * JAVA_TOOL_OPTIONS="-XX:+UnlockDiagnosticVMOptions -XX:+LogCompilation -XX:LogFile=log-%p" ./fathom bench mlp --quick
 * java tools/Kernels.java log-*
 * </pre>
 *
 * <p>For every compilation its time, its bytes of machine code, the most nodes it had (40,000 is
 * the limit), the kinds of vectors that C2 guessed from a profile, and methods with vectors that it
 * left as calls. A kernel with guesses, or with twice the bytes in another process, keeps vectors
 * on the heap (docs/design/0017).
 */
final class Kernels {
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)='([^']*)'");
    private static final String OURS = "dev.fathom.cpu.simd.";

    private Map<String, String> task = Map.of();
    private final Map<String, String> classes = new HashMap<>();
    private final Map<String, String> methods = new HashMap<>();
    private final Map<String, Integer> found = new TreeMap<>();
    private String called = "";
    private int nodes;

    public static void main(String[] logs) throws IOException {
        System.out.printf("%8s %8s %8s  %s%n", "at s", "bytes", "nodes", "kernel");
        for (var log : logs) {
            var kernels = new Kernels();
            try (var lines = Files.lines(Path.of(log), StandardCharsets.ISO_8859_1)) {
                lines.map(String::strip).forEach(kernels::line);
            }
        }
    }

    private void line(String line) {
        var a = new HashMap<String, String>();
        ATTRIBUTE.matcher(line).results().forEach(m -> a.put(m.group(1), m.group(2)));
        if (line.startsWith("<task ")) {
            task = a;
            nodes = 0;
            classes.clear();
            methods.clear();
            found.clear();
        } else if (line.startsWith("<klass ") || line.startsWith("<type ")) {
            classes.put(a.get("id"), a.get("name").replaceFirst(".*\\.", ""));
        } else if (line.startsWith("<method ")) {
            methods.put(a.get("id"), classes.get(a.get("holder")) + "." + a.get("name"));
        } else if (line.startsWith("<call ")) {
            called = methods.getOrDefault(a.get("method"), "?");
        } else if (line.startsWith("<predicted_call ") && "1".equals(a.get("exact"))) {
            var kind = classes.getOrDefault(a.get("klass"), "?");
            if (kind.matches(".*(Vector|Mask|Shuffle)")) {
                found.merge("guessed " + kind, 1, Integer::sum);
            }
        } else if (line.startsWith("<inline_fail ")
                && a.get("reason").matches(".*big method|NodeCount.*")) {
            found.merge("calls " + called + ", " + a.get("reason"), 1, Integer::sum);
        } else if (line.startsWith("<task_done ")) {
            if (task.getOrDefault("method", "").startsWith(OURS)
                    && "4".equals(task.getOrDefault("level", "4"))) {
                System.out.printf(
                        "%8s %8s %8d  %s%s %s%n",
                        task.get("stamp"),
                        a.getOrDefault("nmsize", "none"),
                        nodes,
                        task.get("method")
                                .replaceFirst(" \\(.*", "")
                                .substring(OURS.length())
                                .replace(' ', '.'),
                        "osr".equals(task.get("compile_kind")) ? ", from within its loop" : "",
                        found.isEmpty() ? "" : found);
            }
            task = Map.of();
        }
        nodes = Math.max(nodes, Integer.parseInt(a.getOrDefault("live", "0")));
    }
}
