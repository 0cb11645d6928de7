package dev.fathom.data.read;

import dev.fathom.core.tensor.Shape;
import dev.fathom.data.error.MalformedDataException;

/**
 * The form every image is brought to.
 *
 * @param height rows, at least 1
 * @param width columns, at least 1
 * @param channels 1 for grey, 3 for red, green and blue
 */
public record ImageSize(int height, int width, int channels) {
    private static final int LONGEST_SIDE = 1 << 14;

    /** Checks the numbers. */
    public ImageSize {
        if (height < 1 || width < 1 || height > LONGEST_SIDE || width > LONGEST_SIDE) {
            throw new MalformedDataException(
                    "images are 1 to "
                            + LONGEST_SIDE
                            + " pixels high and wide, not "
                            + height
                            + " x "
                            + width);
        }
        if (channels != 1 && channels != 3) {
            throw new MalformedDataException(
                    "images have 1 channel (grey) or 3 (colour), not " + channels);
        }
    }

    /** The shape {@code (height, width, channels)}. */
    public Shape shape() {
        return Shape.of(height, width, channels);
    }
}
