package dev.fathom.lab.study;

/**
 * What is registered about one measurement before it is made.
 *
 * @param name the name that {@link Trial#measure} will use
 * @param paper the number that the paper prints, NaN if it prints none
 */
public record Prediction(
        String name, Role role, Oracle oracle, Expectation expectation, double paper) {

    /** What a prediction is for. */
    public enum Role {
        /** It decides about the claim. */
        CLAIM,
        /** It must hold, or the instrument is broken. */
        POSITIVE,
        /**
         * It is about a deliberately broken variant and must fail, or the study cannot see
         * anything.
         */
        SABOTAGE
    }
}
