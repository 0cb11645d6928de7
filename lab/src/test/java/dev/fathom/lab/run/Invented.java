package dev.fathom.lab.run;

import static dev.fathom.core.tensor.DType.FLOAT64;
import static dev.fathom.lab.study.Expectation.near;

import dev.fathom.lab.figure.Curve;
import dev.fathom.lab.figure.Figure;
import dev.fathom.lab.figure.Grid;
import dev.fathom.lab.figure.Plot;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Estimate;
import dev.fathom.lab.study.Oracle;
import dev.fathom.lab.study.Results;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;
import dev.fathom.lab.study.Trial;

import java.util.List;

/** A study for tests: the mean of normal numbers is 0. */
final class Invented implements Study {
    private final String data;
    private final boolean careless;
    int trials;

    Invented(String data, boolean careless) {
        this.data = data;
        this.careless = careless;
    }

    static Invented usual() {
        return new Invented("N(0, 1)", false);
    }

    @Override
    public Card card(Tier tier) {
        return Card.of("X01", "invented", Oracle.EXACT)
                .star()
                .claim("The mean of normal numbers is 0 & no <more>.")
                .text("none")
                .story("none")
                .data(data)
                .seeds(4)
                .predict("mean", near(0).withinErrors(5))
                .positive("variance", near(1).within(0.2))
                .sabotage("mean of shifted numbers", near(0).withinErrors(5));
    }

    @Override
    public void run(Trial trial) {
        trials++;
        var numbers = trial.data().normal(FLOAT64, 1000);
        trial.checksum("numbers", numbers);
        trial.progress(1, 2);
        trial.measure(careless ? "avarage" : "mean", Estimate.of(numbers.toDoubles()));
        trial.measure("largest", numbers.max().item());
        trial.curve("numbers", numbers.slice(0, 0, 20).toDoubles());
        trial.grid("field", Grid.of(0, 1, 3, 0, 1, 2, (x, y) -> x * y + trial.index()));
        trial.note("Seeds see different numbers.");
    }

    @Override
    public void controls(Trial trial) {
        trials++;
        var numbers = trial.data().normal(FLOAT64, 1000);
        trial.measure("variance", numbers.square().mean().item());
        trial.measure("mean of shifted numbers", Estimate.of(numbers.plus(1).toDoubles()));
    }

    @Override
    public List<Figure> figures(Results results) {
        Curve curve = results.curve("numbers");
        return List.of(
                Plot.of("numbers", "Some numbers & their mean")
                        .band("mean", results.band("numbers"))
                        .points("first seed", curve));
    }
}
