package dev.fathom.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.error.DataException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.error.MalformedDataException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

class CsvTest {
    private static Table table(String text) {
        return Csv.parse("t.csv", text.getBytes(StandardCharsets.UTF_8), Csv.Header.DETECTED);
    }

    @Test
    void headerAndTypesAreDetected() {
        var table = table("size,colour,weight\n1,red,0.5\n-2.5e1,\"a,b\",\n\n3,red,NA\n");
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.columns())
                .extracting(Column::name)
                .containsExactly("size", "colour", "weight");
        var size = (Column.Numbers) table.column("size");
        assertThat(size.value(1)).isEqualTo(-25);
        var colour = (Column.Text) table.column("colour");
        assertThat(colour.values()).containsExactly("red", "a,b", "red");
        assertThat(colour.firstLine()).isEqualTo(2);
        var weight = (Column.Numbers) table.column("weight");
        assertThat(weight.isBlank(0)).isFalse();
        assertThat(weight.isBlank(1)).isTrue();
        assertThat(weight.isBlank(2)).isTrue();
        assertThat(table.withoutBlanks().size()).isEqualTo(1);
    }

    @Test
    void tablesWithoutAHeaderGetNumberedColumns() {
        var table = table("1.5,cat\n2.5,dog\n");
        assertThat(table.columns())
                .extracting(Column::name)
                .containsExactly("column 1", "column 2");
        assertThat(table.size()).isEqualTo(2);
        var forced =
                Csv.parse("t", "a,b\nc,d\n".getBytes(StandardCharsets.UTF_8), Csv.Header.ABSENT);
        assertThat(forced.size()).isEqualTo(2);
        var named =
                Csv.parse("t", "1,2\n3,4\n".getBytes(StandardCharsets.UTF_8), Csv.Header.PRESENT);
        assertThat(named.columns()).extracting(Column::name).containsExactly("1", "2");
    }

    @Test
    void semicolonsTabsByteOrderMarksAndGzip(@TempDir Path folder) throws IOException {
        assertThat(table("a;b\n1,5;2\n").columns()).hasSize(2);
        assertThat(table("a\tb\r\n1\t2\r\n").columns()).hasSize(2);
        assertThat(table("\ufeffa,b\n1,2\n").columns().getFirst().name()).isEqualTo("a");
        var zipped = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(zipped)) {
            out.write("a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
        }
        var file = Files.write(folder.resolve("x.csv.gz"), zipped.toByteArray());
        assertThat(Csv.read(file).sha256()).isEqualTo(table("a,b\n1,2\n").sha256());
    }

    @Test
    void theLastColumnIsTheTarget() {
        var data = table("x,y,kind\n1,2,dog\n3,4,cat\n5,6,dog\n").dataset();
        assertThat(data.featureShape()).isEqualTo(Shape.of(2));
        assertThat(data.classNames()).containsExactly("cat", "dog");
        assertThat(data.labels()).containsExactly(1, 0, 1);
        assertThat(data.all().features().toFloats()).containsExactly(1f, 2f, 3f, 4f, 5f, 6f);
        assertThat(data.source()).isEqualTo("t.csv");
    }

    @Test
    void anyColumnCanBeTheTarget() {
        var table = table("x,y,z\n1,0.5,3\n1,0.25,4\n2,0.125,5\n2,0.75,6\n");
        var classes = table.dataset("x");
        assertThat(classes.classNames()).containsExactly("1", "2");
        assertThat(classes.labels()).containsExactly(0, 0, 1, 1);
        var numbers = table.dataset("y");
        assertThat(numbers.isClassification()).isFalse();
        assertThat(numbers.all().labels().toFloats()).containsExactly(.5f, .25f, .125f, .75f);
        assertThat(table.dataset("x", Table.Target.NUMBERS).isClassification()).isFalse();
        assertThat(table.dataset("y", Table.Target.CLASSES).classNames())
                .containsExactly("0.125", "0.25", "0.5", "0.75");
        assertThat(table.dataset("z").isClassification()).isFalse(); // four values in four rows
        assertThatThrownBy(() -> table.dataset("w"))
                .isInstanceOf(DataNotFoundException.class)
                .hasMessageContaining("x, y, z");
    }

    @Test
    void badCellsAreNamedByLineAndColumn() {
        assertThatThrownBy(() -> table("x,y\n1,2\n\noops,4\n").dataset())
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("t.csv, line 4, column 'x': 'oops' is not a number");
        assertThatThrownBy(() -> table("x,y\n1,2\n,4\n").dataset())
                .hasMessageContaining("line 3, column 'x': the cell is blank");
        assertThatThrownBy(() -> table("x,y\n1,2\n1,\n").dataset())
                .hasMessageContaining("line 3, column 'y': the cell is blank");
        assertThatThrownBy(() -> table("x,y\n1e300,2\n").dataset())
                .hasMessageContaining("line 2, column 'x': 1.0E300 is too large");
        assertThatThrownBy(() -> table("x,y\n1,a\n").dataset("y", Table.Target.NUMBERS))
                .hasMessageContaining("line 2, column 'y': 'a' is not a number");
    }

    @Test
    void javasOwnNumbersAreText() {
        for (var cell : new String[] {"1d", "0x10", "Infinity", "1e999", "1_000", "--1", "1e"}) {
            assertThat(Csv.number(cell)).as(cell).isEmpty();
        }
        assertThat(Csv.number("+1.5E-3")).hasValue(0.0015);
        assertThat(1 / Csv.number("-0").orElseThrow()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void badTablesAreRefused() {
        refused("a,b\n1,2\n1,2,3\n", "line 3: 3 cells where the first line has 2");
        refused("a,b\n1\n", "line 2: 1 cells where the first line has 2");
        refused("a,b\n", "no rows");
        refused("", "no rows");
        refused("a,a\n1,2\n", "column 'a' twice");
        assertThatThrownBy(() -> table("a\n1\n").dataset())
                .hasMessageContaining("features are needed");
        assertThatThrownBy(() ->
                        Csv.parse("b", new byte[] {'a', (byte) 0xff, '\n'}, Csv.Header.DETECTED))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("not UTF-8");
        assertThatThrownBy(() -> table("a,b\n,1\n,2\n").withoutBlanks())
                .hasMessageContaining("every row");
    }

    private static void refused(String text, String reason) {
        assertThatThrownBy(() -> table(text))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("t.csv")
                .hasMessageContaining(reason);
    }

    @Test
    void randomDamageGivesOnlyNamedErrors() {
        var random = new SplittableRandom(77);
        var text =
                "x,y,kind\n1,2,dog\n3.5,\"4\",cat\n5,6,\"d\"\"og\"\n"
                        .getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int trial = 0; trial < 4000; trial++) {
            try {
                var data =
                        Csv.parse("fuzz", Damage.of(text, random), Csv.Header.DETECTED).dataset();
                assertThat(data.size()).isPositive();
            } catch (DataException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(500, 3900);
    }
}
