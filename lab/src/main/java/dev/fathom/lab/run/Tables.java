package dev.fathom.lab.run;

import dev.fathom.lab.study.Observations;
import dev.fathom.lab.study.Results;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Curves and grids as CSV: a row a point, the trial first. */
final class Tables {
    private Tables() {}

    /** File names with their contents. */
    static Map<String, String> of(Results results) {
        var files = new LinkedHashMap<String, StringBuilder>();
        add(files, "controls", results.controls());
        for (int i = 0; i < results.seeds().size(); i++) {
            add(files, Integer.toString(i), results.seeds().get(i));
        }
        var texts = new LinkedHashMap<String, String>();
        files.forEach((name, text) -> texts.put(name, text.toString()));
        return texts;
    }

    private static void add(
            Map<String, StringBuilder> files, String trial, Observations observations) {
        observations
                .curves()
                .forEach((name, curve) -> {
                    var text =
                            files.computeIfAbsent(
                                    file(name), _ -> new StringBuilder("trial,x,y\n"));
                    for (int i = 0; i < curve.size(); i++) {
                        text.append(trial).append(',').append(curve.x()[i]).append(',');
                        text.append(curve.y()[i]).append('\n');
                    }
                });
        observations
                .grids()
                .forEach((name, grid) -> {
                    var text =
                            files.computeIfAbsent(
                                    file(name + " grid"), _ -> new StringBuilder("trial,x,y,z\n"));
                    for (int i = 0; i < grid.y().length; i++) {
                        for (int j = 0; j < grid.x().length; j++) {
                            text.append(trial).append(',').append(grid.x()[j]).append(',');
                            text.append(grid.y()[i])
                                    .append(',')
                                    .append(grid.z()[i][j])
                                    .append('\n');
                        }
                    }
                });
    }

    /** A name that every file system takes. */
    private static String file(String name) {
        var plain = name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
        return plain.replaceAll("^-|-$", "") + ".csv";
    }
}
