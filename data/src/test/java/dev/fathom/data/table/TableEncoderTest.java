package dev.fathom.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;
import dev.fathom.data.read.Csv;
import dev.fathom.data.read.Table;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.List;

final class TableEncoderTest {
    private static final String PEOPLE =
            """
            age,town,id,land,kind
            20,Rome,a1,x,yes
            ,Oslo,a2,x,no
            40,Rome,a3,x,yes
            30,,a4,x,no
            30,Oslo,a5,x,yes
            1000,Paris,a6,x,no
            """;

    private static Table table(String text) {
        return Csv.parse("t.csv", text.getBytes(StandardCharsets.UTF_8), Csv.Header.PRESENT);
    }

    /** Fitted to the first five rows; the last has an outlier and a town that they do not have. */
    private static TableEncoder fitted(Imputation imputation) {
        var people = table(PEOPLE);
        var rows = people.rowNumbers("kind");
        return TableEncoder.fit(people, rows.take(5), "kind", imputation);
    }

    /**
     * Ages 20, blank, 40, 30, 30: the median is 30, so the mean of 20 30 40 30 30 is 30 and the
     * variance (100 + 0 + 100 + 0 + 0) / 5 = 40.
     */
    @Test
    void theFeaturesOfARowAreThoseOfTheHand() {
        var encoder = fitted(Imputation.MEDIAN);
        assertThat(encoder.names())
                .containsExactly(
                        "age", "age is blank", "town is blank", "town = Oslo", "town = Rome");
        var people = table(PEOPLE);
        var data = encoder.dataset(people, people.rowNumbers("kind"));
        var x = data.all().features().toFloats();
        float z = (float) (10 / Math.sqrt(40));
        assertThat(x)
                .containsExactly(
                        new float[] {
                            -z,
                            0,
                            0,
                            0,
                            1, //
                            0,
                            1,
                            0,
                            1,
                            0, //
                            z,
                            0,
                            0,
                            0,
                            1, //
                            0,
                            0,
                            1,
                            0,
                            0, //
                            0,
                            0,
                            0,
                            1,
                            0, //
                            97 * z,
                            0,
                            0,
                            0,
                            0 // Paris was not in training
                        },
                        within(1e-5f));
        assertThat(data.labels()).containsExactly(1, 0, 1, 0, 1, 0);
        assertThat(data.classNames()).containsExactly("no", "yes");
        assertThat(data.unmapped().all().features().toFloats()).startsWith(20, 0, 0, 0, 1, 30, 1);
    }

    /** Nothing of the rows that are held back may be seen in what was fitted. */
    @Test
    void nothingLeaksFromOtherRows() {
        var changed = PEOPLE.replace("1000,Paris,a6,x", "-77,Lima,a9,y"); // only the row held back
        var before = table(PEOPLE);
        var after = table(changed);
        assertThat(TableEncoder.fit(after, after.rowNumbers("kind").take(5), "kind"))
                .isEqualTo(TableEncoder.fit(before, before.rowNumbers("kind").take(5), "kind"));
        assertThat(TableEncoder.fit(before, before.rowNumbers("kind"), "kind"))
                .isNotEqualTo(fitted(Imputation.MEDIAN));
    }

    @ParameterizedTest
    @CsvSource({"MEAN, 30", "MEDIAN, 25", "MOST_FREQUENT, 20"})
    void blanksAreFilledWithAStatisticOfTheOthers(Imputation imputation, double fill) {
        // 20, 20, 50, 30: mean 120 / 4, median (20 + 30) / 2
        assertThat(imputation.of(new double[] {20, 20, 50, 30})).isEqualTo(fill);
        var rows = table("a,y\n20,1\n20,2\n50,3\n,4\n30,2.5\n");
        var encoder = TableEncoder.fit(rows, rows.rowNumbers("y"), "y", imputation);
        assertThat(encoder.numbers().getFirst().fill()).isEqualTo(fill);
    }

    @Test
    void columnsThatSayNothingAreLeftOut() {
        assertThat(fitted(Imputation.MEDIAN).leftOut())
                .containsExactly(
                        new TableEncoder.LeftOut(
                                "id", "5 different values in 5 rows are too many for categories"),
                        new TableEncoder.LeftOut("land", "every cell is the same"));
        var rows = table("a,b,c,y\n1,5,,1\n2,5,,2\n3,5,,3.5\n");
        assertThat(TableEncoder.fit(rows, rows.rowNumbers("y"), "y").leftOut())
                .containsExactly(
                        new TableEncoder.LeftOut("b", "every cell is the same"),
                        new TableEncoder.LeftOut("c", "every cell is blank"));
        var empty = table("b,y\n5,1\n5,2\n5,3.5\n");
        assertThatThrownBy(() -> TableEncoder.fit(empty, empty.rowNumbers("y"), "y"))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "t.csv has no column to predict 'y' from: 'b' is left out, every cell is"
                                + " the same");
    }

    @Test
    void aMistakeAmongNumbersIsNoCategory() {
        var rows = table("a,y\n1,1\n2,2\n3x,3.5\n4,1\n");
        assertThatThrownBy(() -> TableEncoder.fit(rows, rows.rowNumbers("y"), "y"))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "t.csv, line 4, column 'a': '3x' is not a number, as 3 of the column's 4"
                                + " cells are; correct the cell or leave it blank");
    }

    @Test
    void newRowsAreTreatedAsThoseOfTheTraining() {
        var encoder = fitted(Imputation.MEDIAN);
        // other columns, another order, no target; all ages blank
        var rows = table("town,more,age\nRome,9,\n?,8,\n");
        assertThat(encoder.encode(rows)).containsExactly(30, 1, 0, 0, 1, 30, 1, 1, 0, 0);
        assertThatThrownBy(() -> encoder.encode(table("age,twon\n1,Rome\n")))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessage(
                        "t.csv has no column 'town' (did you mean 'twon'?); its columns are age,"
                                + " twon");
        assertThatThrownBy(() -> encoder.encode(table("age,town\n1,Rome\nold,Rome\n")))
                .hasMessage("t.csv, line 3, column 'age' is not a number, as it was in training");
        assertThatThrownBy(() -> encoder.encode(table("age,town\n1e39,Rome\n")))
                .hasMessage("t.csv, line 2, column 'age': 1.0E39 is too large for a float32");
    }

    @Test
    void targetsThatCannotBeLearnedAreRefused() {
        assertThatThrownBy(() -> table("a,y\n1,b\n2,b\n").rowNumbers("y"))
                .isInstanceOf(MalformedDataException.class)
                .hasMessage(
                        "t.csv, column 'y': all 2 rows have 'b'; there is nothing to tell apart");
        assertThatThrownBy(() -> table("a,y\n1,b\n").rowNumbers("y"))
                .hasMessage("t.csv has only one row; there is nothing to learn from it");
        assertThatThrownBy(() -> table("a,y\n1,b\n2,\n").rowNumbers("y"))
                .hasMessageContaining("line 3, column 'y': the cell is blank");
        assertThatThrownBy(() -> table("a,price\n1,b\n2,c\n").rowNumbers("Prise"))
                .hasMessage(
                        "t.csv has no column 'Prise' (did you mean 'price'?); its columns are a,"
                                + " price");
        assertThatThrownBy(() -> table("a,price\n1,b\n2,c\n").rowNumbers("quantity"))
                .hasMessage("t.csv has no column 'quantity'; its columns are a, price");
    }

    @Test
    void cellsAreWrittenSoThatTheyCanBeRead() {
        var text = Csv.text(List.of("a", "b,c"), List.of(List.of("x\"y", "1.5")));
        assertThat(text).isEqualTo("a,\"b,c\"\n\"x\"\"y\",1.5\n");
    }
}
