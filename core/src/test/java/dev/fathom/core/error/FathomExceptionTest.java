package dev.fathom.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FathomExceptionTest {

    @Test
    void messagesNameTheLayerBeingRun() {
        var plain = new ShapeException("it does not fit").getMessage();
        assertThat(plain).startsWith("it does not fit").doesNotContain("in layer");
        var inside =
                Layers.in(
                        "encoder",
                        () -> Layers.in("attention", () -> new ShapeException("no").getMessage()));
        assertThat(inside).startsWith("no in layer encoder > attention");
        assertThat(Layers.where()).isEmpty();
    }

    @Test
    void messagesNameTheFirstLineThatIsNotTheLibrarys() {
        // here only JUnit stands outside the library's packages
        assertThat(new DTypeException("x").getMessage()).matches("x \\([A-Za-z]+\\.java:\\d+\\)");
    }

    @Test
    void allErrorsAreOneKind() {
        assertThat(
                        new FathomException[] {
                            new ShapeException("m"),
                            new DTypeException("m"),
                            new IndexException("m"),
                            new TreeException("m"),
                            new GraphException("m"),
                            new BackendException("m"),
                            new EscapedTensorException("m"),
                            new NonFiniteException("m"),
                            new NotDifferentiableException("m")
                        })
                .allMatch(e -> e.getMessage().startsWith("m"));
        assertThat(new FathomException("m", new IllegalStateException("why")))
                .hasRootCauseMessage("why");
    }
}
