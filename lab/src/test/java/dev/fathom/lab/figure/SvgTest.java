package dev.fathom.lab.figure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.lab.figure.Plot.Colours;
import dev.fathom.lab.figure.Plot.Scale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;

final class SvgTest {
    private static final Grid GRID = Grid.of(-1, 1, 12, -1, 1, 9, (x, y) -> x * x + y * y);

    private static Plot lines() {
        return Plot.of("lines", "a < b & c")
                .x("x", Scale.LOG)
                .y("y", Scale.LOG)
                .line("one", new double[] {1, 10, 100}, new double[] {1, 0, 100})
                .points("two", new double[] {1, 10}, new double[] {Double.NaN, 5});
    }

    static Stream<Figure> figures() {
        double nan = Double.NaN;
        return Stream.of(
                lines(),
                Plot.of("empty", "Nothing"),
                Plot.of("one", "One point").points("p", new double[] {3}, new double[] {3}),
                Plot.of("nan", "No number").line("l", new double[] {0, 1}, new double[] {nan, nan}),
                Plot.of("bars", "Bars").xNames(List.of("a", "b")).bars("t", 0.5, 0.25),
                Plot.of("histogram", "Histogram")
                        .histogram("h", 4, 1, 2, 2, 3)
                        .histogram("c", 3, 2, 2),
                Plot.of("heat", "Heat").heat("z", GRID, Colours.SEQUENTIAL).contours(GRID, 0.5, 1),
                Plot.of("map", "Map").heat("", GRID, Colours.CATEGORIES).words("here", 0, 0),
                Plot.of("rules", "Rules").horizontal("h", 1).vertical("v", 2),
                new Figure.Panels("panels", "Panels", "", 2, List.of(lines(), lines(), lines())),
                new Figure.Gallery(
                        "gallery", "Gallery", "", 2, List.of(new Figure.Image("i", GRID))),
                new Figure.Surface("surface", "Surface", "", "x", "y", GRID),
                new Figure.Animation("animation", "Animation", "", 5, List.of(lines(), lines())));
    }

    private static Document parsed(String xml) throws Exception {
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        return builder.parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @MethodSource("figures")
    void everyFigureIsWellFormedAndTheSameAgain(Figure figure) throws Exception {
        var svg = Svg.file(figure);
        assertThat(parsed(svg).getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(svg).isEqualTo(Svg.file(figure)).doesNotContain("NaN", "Infinity");
        parsed("<page>" + Html.figure(figure).replace(" hidden>", ">") + "</page>");
    }

    @Test
    void pointsStandWhereTheAxesSay() throws Exception {
        var plot =
                Plot.of("p", "")
                        .x("x", Scale.LOG)
                        .xRange(1, 100)
                        .yRange(0, 4)
                        .line("", new double[] {1, 10, 100}, new double[] {0, 1, 4});
        var document = parsed(Svg.file(plot));
        var window = (Element) document.getElementsByTagName("svg").item(1);
        double x = number(window, "x");
        double y = number(window, "y");
        double w = number(window, "width");
        double h = number(window, "height");
        var path = (Element) window.getElementsByTagName("path").item(0);
        var found = new ArrayList<Double>();
        for (var part : path.getAttribute("d").split("[ML ]")) {
            if (!part.isEmpty()) {
                found.add(Double.parseDouble(part));
            }
        }
        // log₁₀ 10 is half of log₁₀ 100, and 1 is a quarter of 4
        double[] expected = {x, y + h, x + w / 2, y + 0.75 * h, x + w, y};
        assertThat(found).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(found.get(i))
                    .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(0.11));
        }
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    @Test
    void aLineHasAGapWhereAValueHasNoPlace() {
        var d = Svg.file(lines());
        // y = 0 has no logarithm: two pieces, each begun with M
        var line = d.lines().filter(l -> l.contains("<path class=\"s0\"")).toList();
        assertThat(line.getLast()).matches(".* d=\"M[^ML]*M[^ML]*\"/>");
    }

    @Test
    void darkColoursAreAsManyAsLightOnes() {
        assertThat(Palette.DARK).hasSameSizeAs(Palette.LIGHT).doesNotHaveDuplicates();
        assertThat(Svg.PAGE_STYLE).contains(".figure .s7{stroke:" + Palette.DARK[7] + "}");
        assertThat(Svg.file(lines())).contains("prefers-color-scheme:dark");
    }

    @Test
    void pixelsAreAPngThatOthersRead() throws Exception {
        int[] pixels = {0xff0000, 0x00ff00, 0x0000ff, 0x123456, 0xffffff, 0x000000};
        var address = Png.address(pixels, 3, 2);
        var bytes = Base64.getDecoder().decode(address.substring(address.indexOf(',') + 1));
        var image = ImageIO.read(new ByteArrayInputStream(bytes));
        assertThat(image.getWidth()).isEqualTo(3);
        assertThat(image.getHeight()).isEqualTo(2);
        for (int i = 0; i < 6; i++) {
            assertThat(image.getRGB(i % 3, i / 3) & 0xffffff).isEqualTo(pixels[i]);
        }
    }

    @Test
    void contoursOfACircleLieOnTheCircle() {
        var fine = Grid.of(-2, 2, 201, -2, 2, 201, (x, y) -> x * x + y * y);
        // places are the values themselves times 1000, so that tenths are fine enough
        var d = Contour.path(fine, 1, v -> 1000 * v, v -> 1000 * v);
        var numbers = d.substring(1).split("[ML ]+");
        assertThat(numbers.length).isGreaterThan(400);
        for (int i = 0; i + 1 < numbers.length; i += 2) {
            double radius =
                    Math.hypot(Double.parseDouble(numbers[i]), Double.parseDouble(numbers[i + 1]));
            assertThat(radius).isBetween(999.0, 1001.0);
        }
    }

    @Test
    void aHistogramIsADensity() {
        var plot = Plot.of("h", "").histogram("h", 7, 1, 2, 2, 3, 5, 8);
        var bars = (Plot.Bars) plot.marks().getFirst();
        double area = 0;
        for (int i = 0; i < 7; i++) {
            area += bars.height()[i] * (bars.edges()[i + 1] - bars.edges()[i]);
        }
        assertThat(area).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-12));
        assertThat(bars.edges()).startsWith(1).endsWith(8);
    }
}
