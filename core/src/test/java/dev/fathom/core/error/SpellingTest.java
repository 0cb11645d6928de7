package dev.fathom.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class SpellingTest {
    private static final List<String> NAMES = List.of("mlp", "resnet", "resnet-loader", "gpt");

    @Test
    void theNearestNameIsMeant() {
        assertThat(Spelling.hint("mpl", NAMES)).isEqualTo(" (did you mean 'mlp'?)");
        assertThat(Spelling.hint("RESNT", NAMES)).isEqualTo(" (did you mean 'resnet'?)");
        assertThat(Spelling.hint("resnet-lodaer", NAMES))
                .isEqualTo(" (did you mean 'resnet-loader'?)");
    }

    @Test
    void whatIsNearToNothingIsNotGuessed() {
        assertThat(Spelling.hint("xyz", NAMES)).isEmpty(); // three of three letters
        assertThat(Spelling.hint("transformer", NAMES)).isEmpty();
        assertThat(Spelling.hint("", NAMES)).isEmpty();
    }

    @Test
    void lettersArePutInTakenOutAndChanged() {
        assertThat(Spelling.distance("kitten", "Sitting")).isEqualTo(3);
        assertThat(Spelling.distance("", "gpt")).isEqualTo(3);
    }
}
