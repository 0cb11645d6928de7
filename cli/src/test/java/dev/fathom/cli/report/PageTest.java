package dev.fathom.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fathom.cli.report.Report.Chart;
import dev.fathom.cli.report.Report.Confusion;
import dev.fathom.cli.report.Report.Fact;
import dev.fathom.cli.report.Report.Grid;
import dev.fathom.cli.report.Report.Mistake;
import dev.fathom.cli.report.Report.Scatter;
import dev.fathom.cli.report.Report.Section;
import dev.fathom.cli.report.Report.Series;
import dev.fathom.cli.report.Report.Weights;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import javax.imageio.ImageIO;

class PageTest {
    private static final Pattern TAG =
            Pattern.compile("<(/?)([a-z][a-z0-9]*)((?:\"[^\"]*\"|[^>\"])*)>");
    private static final Set<String> WITHOUT_END =
            Set.of("meta", "img", "circle", "line", "polyline");

    private static final Report REPORT =
            new Report(
                    "cnn on <cats> & \"dogs\" {{script}} $1",
                    "2 epochs",
                    List.of(new Fact("test accuracy", "91.2 %")),
                    List.of(
                            new Chart(
                                    "Loss",
                                    "epoch",
                                    List.of(1.0, 2.0),
                                    false,
                                    List.of(
                                            new Series("train", List.of(0.5, 0.25)),
                                            new Series("</script>", List.of(Double.NaN, 0.75))))),
                    Optional.of(
                            new Confusion(
                                    List.of("cat", "dog"), List.of(List.of(9, 1), List.of(3, 7)))),
                    Optional.of(new Scatter(List.of(0.0, 1.0), List.of(0.0, 0.5))),
                    List.of(
                            new Mistake(
                                    Figure.Pixels.of(new float[] {0, 1}, 1, 2, 1),
                                    17,
                                    "dog",
                                    "cat",
                                    0.99999,
                                    0.00001),
                            new Mistake(
                                    new Figure.Curve(List.of(0f, 1f)), 3, "cat", "dog", 0.6, 0.4),
                            new Mistake(
                                    new Figure.Values(List.of(new Fact("width", "3"))),
                                    4,
                                    "cat",
                                    "dog",
                                    0.6,
                                    0.4)),
                    Optional.of(
                            new Weights(
                                    "First layer",
                                    "one kernel",
                                    List.of(
                                            Figure.Pixels.signed(
                                                    new float[] {-1, 0, 1}, 1, 3, 1)))),
                    List.of(new Section("Configuration", List.of(new Fact("seed", "42")))),
                    new Grid(List.of("epoch"), List.of(List.of("1"), List.of("2"))));

    private static final String HTML = Page.html(REPORT);

    @Test
    void everythingIsInside() {
        assertThat(HTML)
                .doesNotContainPattern("(src|href|action)\\s*=\\s*[\"']?(https?:)?//")
                .doesNotContainPattern("url\\(\\s*[\"']?https?:")
                .doesNotContain("@import")
                .doesNotContainPattern("<(link|iframe|object|embed|base)\\b")
                .doesNotContainPattern("\\b(fetch|XMLHttpRequest|WebSocket|importScripts)\\s*\\(");
        assertThat(HTML).contains("var uPlot=").contains("Leon Sorokin").doesNotContain("{{body}}");
    }

    @Test
    void everyElementIsClosedInOrder() {
        // scripts and styles have rules of their own, and comments are not elements
        var html =
                HTML.replaceAll("(?s)<(script|style)[^>]*>.*?</\\1>", "")
                        .replaceAll("(?s)<!--.*?-->", "");
        var open = new ArrayDeque<String>();
        int elements = 0;
        var tags = TAG.matcher(html);
        while (tags.find()) {
            if (WITHOUT_END.contains(tags.group(2))) {
                continue;
            }
            if (tags.group(1).isEmpty()) {
                open.push(tags.group(2));
                elements++;
            } else {
                assertThat(open.pop()).isEqualTo(tags.group(2));
            }
        }
        assertThat(open).isEmpty();
        assertThat(elements).isGreaterThan(50);
    }

    @Test
    void textIsEscaped() {
        assertThat(HTML)
                .contains("<h1>cnn on &lt;cats&gt; &amp; &quot;dogs&quot; {{script}} $1</h1>");
    }

    @Test
    void theDataCannotEndItsScript() {
        var json = HTML.substring(HTML.indexOf("id=\"charts\">"));
        json = json.substring(0, json.indexOf("</script>"));
        assertThat(json).contains("\\u003c/script>").contains("[0.5,0.25]");
    }

    @Test
    void aValueThatIsNotFiniteIsAGap() {
        assertThat(HTML).contains("[\"\",0.75]").doesNotContain("NaN,");
    }

    @Test
    void theMatrixCountsAndNamesTheWorst() {
        assertThat(HTML)
                .contains("<td class=\"hit\" style=\"--v:95%\">9</td>") // √0.9 = 0.949
                .contains("<td class=\"miss\" style=\"--v:32%\">1</td>") // √0.1 = 0.316
                .contains("90.0 %")
                .contains("<b>dog</b> taken for <b>cat</b>, 3 times");
    }

    @Test
    void aProbabilityIsNeverRoundedToCertainty() {
        assertThat(HTML).contains("<b>dog</b> &gt; 99.9 %").contains("<b>cat</b> &lt; 0.1 %");
    }

    @Test
    void picturesArePngFilesOfTheRightColours() throws IOException {
        var pictures = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(HTML);
        assertThat(pictures.find()).isTrue();
        var grey =
                ImageIO.read(
                        new ByteArrayInputStream(Base64.getDecoder().decode(pictures.group(1))));
        assertThat(grey.getRGB(0, 0)).isEqualTo(0xff000000);
        assertThat(grey.getRGB(1, 0)).isEqualTo(0xffffffff);
        assertThat(pictures.find()).isTrue();
        var signed =
                ImageIO.read(
                        new ByteArrayInputStream(Base64.getDecoder().decode(pictures.group(1))));
        // blue below 0, white at 0, red above
        assertThat(signed.getRGB(0, 0) & 0xff).isGreaterThan(signed.getRGB(0, 0) >> 16 & 0xff);
        assertThat(signed.getRGB(1, 0)).isEqualTo(0xffffffff);
        assertThat(signed.getRGB(2, 0) & 0xff).isLessThan(signed.getRGB(2, 0) >> 16 & 0xff);
    }

    @Test
    void partsThatAReportDoesNotHaveAreLeftOut() {
        var bare =
                Page.html(
                        new Report(
                                "t",
                                "s",
                                List.of(),
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                List.of(),
                                Optional.empty(),
                                List.of(),
                                new Grid(List.of(), List.of())));
        assertThat(bare).contains("<h1>t</h1>").doesNotContain("<h2>");
    }
}
