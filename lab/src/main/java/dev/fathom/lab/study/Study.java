package dev.fathom.lab.study;

import dev.fathom.lab.figure.Figure;

import java.util.List;

/**
 * A claim and the experiment that tests it, in one file.
 *
 * <p>Everything is decided on the card before anything runs; {@link #run} and {@link #controls}
 * only measure, under the names that the card registered. They are functions of the trial: same
 * seed, same numbers to the bit.
 */
public interface Study {

    /** What is claimed and predicted, and what this tier costs. */
    Card card(Tier tier);

    /** The experiment with one seed. */
    void run(Trial trial);

    /**
     * The control that must hold and the sabotaged one that must fail. Run once, before the seeds.
     */
    void controls(Trial trial);

    /** The pictures, from what all the seeds recorded; the first is the one the tour shows. */
    default List<Figure> figures(Results results) {
        return List.of();
    }
}
