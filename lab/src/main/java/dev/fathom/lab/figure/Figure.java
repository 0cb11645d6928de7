package dev.fathom.lab.figure;

import java.util.List;

/** A picture before it is drawn. */
public sealed interface Figure
        permits Plot, Figure.Panels, Figure.Gallery, Figure.Surface, Figure.Animation {
    /** The name of its file, without an ending. */
    String name();

    /** What it shows, as a sentence where there is room for one. */
    String title();

    /** What to look at; may be empty. */
    String caption();

    /** Small plots side by side, {@code columns} in a row. */
    record Panels(String name, String title, String caption, int columns, List<Plot> plots)
            implements Figure {}

    /** Small images side by side, {@code columns} in a row, in shades of grey from low to high. */
    record Gallery(String name, String title, String caption, int columns, List<Image> images)
            implements Figure {}

    /** An image and the words under it. */
    record Image(String label, Grid pixels) {}

    /** A surface that the reader can turn; printed, it is seen from one side. */
    record Surface(
            String name, String title, String caption, String xLabel, String yLabel, Grid heights)
            implements Figure {}

    /** Plots shown one after another, {@code perSecond} of them; printed, the last. */
    record Animation(String name, String title, String caption, double perSecond, List<Plot> frames)
            implements Figure {}
}
