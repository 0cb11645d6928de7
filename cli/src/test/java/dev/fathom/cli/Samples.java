package dev.fathom.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

import javax.imageio.ImageIO;

/** Data small enough for tests, and easy enough that any network learns it. */
final class Samples {
    private static final int SIDE = 8;

    private Samples() {}

    /** Two clouds of points, far apart: columns width, height and kind. */
    static Path classes(Path folder) throws IOException {
        var random = new Random(1);
        var lines = new ArrayList<>(List.of("width,height,kind"));
        for (int i = 0; i < 120; i++) {
            boolean wide = i % 2 == 0;
            double width = (wide ? 3 : -3) + random.nextGaussian();
            double height = 50 + 5 * random.nextGaussian();
            lines.add(
                    String.format(
                            Locale.ROOT, "%.4f,%.4f,%s", width, height, wide ? "wide" : "narrow"));
        }
        return Files.write(folder.resolve("shapes.csv"), lines);
    }

    /**
     * Whether somebody comes, which the day says and the hour does not; blanks in both, a name that
     * is no category, and a column that is always the same.
     */
    static Path mixed(Path folder) throws IOException {
        var random = new Random(4);
        var lines = new ArrayList<>(List.of("day,hour,name,city,comes"));
        for (int i = 0; i < 120; i++) {
            var day = i % 10 == 9 ? "" : List.of("Mon", "Tue", "Wed").get(i % 3);
            var hour = i % 7 == 0 ? "" : Integer.toString(random.nextInt(24));
            var comes = day.equals("Tue") || day.isEmpty() ? "yes" : "no";
            lines.add("%s,%s,person %d,Rome,%s".formatted(day, hour, i, comes));
        }
        return Files.write(folder.resolve("visits.csv"), lines);
    }

    /** A number that is a straight line of two others: price = 1000 a - 500 b + 7000. */
    static Path numbers(Path folder) throws IOException {
        var random = new Random(2);
        var lines = new ArrayList<>(List.of("a,price,b"));
        for (int i = 0; i < 150; i++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            double price = 1000 * a - 500 * b + 7000;
            lines.add(String.format(Locale.ROOT, "%.4f,%.4f,%.4f", a, price, b));
        }
        return Files.write(folder.resolve("prices.csv"), lines);
    }

    /** Images of 8 by 8 that are bright on the left or on the right. */
    static Path images(Path folder) throws IOException {
        var random = new Random(3);
        for (int i = 0; i < 60; i++) {
            boolean left = i % 2 == 0;
            var file = folder.resolve((left ? "left" : "right") + "/" + i + ".png");
            Files.createDirectories(file.getParent());
            image(file, left, random);
        }
        return folder;
    }

    static void image(Path file, boolean left, Random random) throws IOException {
        var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean bright = x < SIDE / 2 == left;
                image.getRaster().setSample(x, y, 0, (bright ? 180 : 20) + random.nextInt(50));
            }
        }
        ImageIO.write(image, "png", file.toFile());
    }
}
