package dev.fathom.data.catalogue;

import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.Table;

import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The tables that ship with the library. The last column is what they are there to predict. */
public final class Tables {
    /**
     * What is known about a table.
     *
     * @param name what {@link #load} calls it
     * @param summary one line about it
     * @param rows how many it has
     * @param target its last column
     * @param licence under which terms it may be used
     * @param credit whom to name
     */
    public record Info(
            String name, String summary, int rows, String target, String licence, String credit) {}

    private static final String BIRTHS = "us-births";
    private static final String PENGUINS_SHA256 =
            "3f543b92d38c3b410a3c7affe069653863303b397d71da9c41f2c8596ed2851a";

    /** One entry; the switch of {@link #load} says how each is read. */
    private enum Entry {
        PENGUINS(
                new Info(
                        "penguins",
                        "species, island and measures of penguins; their sex is to be told",
                        333,
                        "sex",
                        "public domain (CC0 1.0)",
                        "K. B. Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9(3), 2014")),
        BIRTHS_BY_DATE(
                new Info(
                        "births-by-date",
                        "the series us-births as a table of dates; births are to be told",
                        7305,
                        "births",
                        "public domain (PDDL 1.0, CC0 1.0)",
                        "National Center for Health Statistics"));

        private final Info info;

        Entry(Info info) {
            this.info = info;
        }
    }

    private Tables() {}

    /** All tables. */
    public static List<Info> list() {
        return List.of(Entry.values()).stream().map(entry -> entry.info).toList();
    }

    /**
     * What is known about the table called {@code name}.
     *
     * @throws DataNotFoundException if there is none of that name
     */
    public static Info describe(String name) {
        return entry(name).info;
    }

    private static Entry entry(String name) {
        return List.of(Entry.values()).stream()
                .filter(entry -> entry.info.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataNotFoundException(
                                "there is no table called '"
                                        + name
                                        + "'; there are "
                                        + list().stream()
                                                .map(Info::name)
                                                .collect(Collectors.joining(", "))));
    }

    /**
     * The table called {@code name}.
     *
     * @throws DataNotFoundException if there is none of that name
     * @throws ChecksumException if this copy of the library is damaged
     */
    public static Table load(String name) {
        return switch (entry(name)) {
            case PENGUINS -> {
                var file = name + "/" + name + ".csv.gz";
                yield Csv.parse(file, BuiltIn.bytes(file, PENGUINS_SHA256), Csv.Header.PRESENT);
            }
            case BIRTHS_BY_DATE -> birthsByDate();
        };
    }

    /** Months and days of the week by their names: what they are counted from means nothing. */
    private static Table birthsByDate() {
        var dates = Series.table(BIRTHS);
        var year = dates.series("year");
        var month = dates.series("month");
        var day = dates.series("date_of_month");
        var weekday = dates.series("day_of_week");
        var births = dates.series("births");
        var rows = new ArrayList<List<String>>();
        for (int i = 0; i < births.length; i++) {
            rows.add(
                    List.of(
                            whole(year[i]),
                            Month.of((int) month[i]).getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                            whole(day[i]),
                            DayOfWeek.of((int) weekday[i])
                                    .getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                            whole(births[i])));
        }
        var text = Csv.text(List.of("year", "month", "day", "weekday", "births"), rows);
        return Csv.parse(
                "births-by-date", text.getBytes(StandardCharsets.UTF_8), Csv.Header.PRESENT);
    }

    private static String whole(double value) {
        return Integer.toString((int) value);
    }
}
