package dev.fathom.lab.run;

import dev.fathom.lab.study.Tier;

/**
 * Which run is wanted: with the study's name it fixes every number of the result.
 *
 * @param seeds how many seeds; 0 for as many as the study's card asks for
 */
public record Order(Tier tier, long seed, int seeds) {

    /** The usual seed, and as many as the card asks for. */
    public static Order of(Tier tier) {
        return new Order(tier, 42, 0);
    }
}
