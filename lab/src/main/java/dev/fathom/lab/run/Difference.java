package dev.fathom.lab.run;

import dev.fathom.lab.figure.Numbers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A thing about which two runs say two things. */
public record Difference(String what, String first, String second) {

    /** All differences between two runs; none if their results agree in every bit. */
    public static List<Difference> between(Result a, Result b) {
        var all = new ArrayList<Difference>();
        add(all, "study", a.name(), b.name());
        add(all, "claim", a.claim(), b.claim());
        add(all, "tier", a.tier(), b.tier());
        add(all, "seed", a.seed(), b.seed());
        add(all, "seeds", a.seeds(), b.seeds());
        add(all, "verdict", a.verdict(), b.verdict());
        var first = numbers(a);
        var second = numbers(b);
        var names = new LinkedHashMap<>(first);
        names.putAll(second);
        for (var name : names.keySet()) {
            var x = first.get(name);
            var y = second.get(name);
            if (x == null || y == null) {
                all.add(new Difference(name, x == null ? "–" : x.text, y == null ? "–" : y.text));
            } else if (!x.equals(y)) {
                boolean alike = x.text.equals(y.text);
                all.add(
                        new Difference(
                                name,
                                alike ? Double.toString(x.value) : x.text,
                                alike ? Double.toString(y.value) : y.text));
            }
        }
        add(all, "checksums", a.checksums(), b.checksums());
        return all;
    }

    private record Value(double value, double low, double high, String text) {}

    private static Map<String, Value> numbers(Result result) {
        var numbers = new LinkedHashMap<String, Value>();
        for (var row : result.predictions()) {
            numbers.put(
                    row.name(),
                    new Value(
                            row.ours(),
                            row.low(),
                            row.high(),
                            row.text() + " (" + row.expected() + ") " + row.verdict()));
        }
        for (var row : result.also()) {
            numbers.put(
                    row.name(),
                    new Value(row.ours(), row.low(), row.high(), Numbers.text(row.ours())));
        }
        return numbers;
    }

    private static void add(List<Difference> all, String what, Object a, Object b) {
        if (!a.equals(b)) {
            all.add(new Difference(what, a.toString(), b.toString()));
        }
    }
}
