package dev.fathom.data.catalogue;

import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.Table;

import java.util.List;
import java.util.stream.Collectors;

/** The time series that ship with the library. */
public final class Series {
    /**
     * What is known about a series.
     *
     * @param name what {@link #load} calls it
     * @param summary one line about it
     * @param column the column of its file that holds the values
     * @param period after how many values it roughly repeats itself
     * @param licence under which terms it may be used
     * @param credit whom to name
     * @param sha256 of its file
     */
    public record Info(
            String name,
            String summary,
            String column,
            int period,
            String licence,
            String credit,
            String sha256) {}

    private static final List<Info> ALL =
            List.of(
                    new Info(
                            "us-births",
                            "births in the United States on each day of 1969 to 1988",
                            "births",
                            7,
                            "public domain (PDDL 1.0, CC0 1.0)",
                            "National Center for Health Statistics",
                            "168013b3a4dfa99ac37c352abc1f66edae77f30010e8a9976c64554d2816257d"),
                    new Info(
                            "sunspots",
                            "sunspot numbers of each year from 1700 to 2008",
                            "SUNACTIVITY",
                            11,
                            "public domain",
                            "National Geophysical Data Center",
                            "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b"));

    private Series() {}

    /** All series. */
    public static List<Info> list() {
        return ALL;
    }

    /**
     * What is known about the series called {@code name}.
     *
     * @throws DataNotFoundException if there is none of that name
     */
    public static Info describe(String name) {
        return ALL.stream()
                .filter(info -> info.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataNotFoundException(
                                "there is no series called '"
                                        + name
                                        + "'; there are "
                                        + ALL.stream()
                                                .map(Info::name)
                                                .collect(Collectors.joining(", "))));
    }

    /**
     * The values of the series called {@code name} in the order of time.
     *
     * @throws DataNotFoundException if there is none of that name
     */
    public static double[] load(String name) {
        return table(name).series(describe(name).column());
    }

    /** All columns of the file. */
    static Table table(String name) {
        var file = name + "/" + name + ".csv.gz";
        return Csv.parse(file, BuiltIn.bytes(file, describe(name).sha256()), Csv.Header.PRESENT);
    }
}
