package dev.fathom.data.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.read.Column;

import org.junit.jupiter.api.Test;

import java.time.LocalDate;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

final class TablesTest {
    @Test
    void tablesAreAsTheCatalogueSays() {
        assertThat(Tables.list()).extracting(Tables.Info::name).doesNotHaveDuplicates();
        for (var info : Tables.list()) {
            var table = Tables.load(info.name());
            assertThat(table.size()).isEqualTo(info.rows());
            assertThat(table.columns().getLast().name()).isEqualTo(info.target());
            assertThat(Tables.describe(info.name())).isEqualTo(info);
        }
        assertThatThrownBy(() -> Tables.load("pinguins"))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessage(
                        "there is no table called 'pinguins'; there are penguins, births-by-date");
    }

    /** The first row of the file; 165 females and 168 males. */
    @Test
    void penguinsHaveASex() {
        var table = Tables.load("penguins");
        assertThat(row(0, table.columns()))
                .containsExactly("Adelie", "Torgersen", "39.1", "18.7", "181", "3750", "male");
        assertThat(table.rowNumbers("sex").classCounts()).containsExactly(165, 168);
    }

    /** The calendar of the JDK knows the months and days of the week as well. */
    @Test
    void datesHaveTheirMonthsAndDaysOfTheWeek() {
        var table = Tables.load("births-by-date");
        var births = Series.load("us-births");
        for (int i : new int[] {0, 58, 59, 1154, 7304}) {
            var date = LocalDate.of(1969, 1, 1).plusDays(i);
            assertThat(row(i, table.columns()))
                    .containsExactly(
                            "" + date.getYear(),
                            date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                            "" + date.getDayOfMonth(),
                            date.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                            "" + (int) births[i]);
        }
    }

    private static List<String> row(int row, List<Column> columns) {
        return IntStream.range(0, columns.size()).mapToObj(c -> columns.get(c).text(row)).toList();
    }
}
