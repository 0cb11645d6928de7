package dev.fathom.lab.studies;

import dev.fathom.core.error.Spelling;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.studies.autodiff.BackpropCost;
import dev.fathom.lab.studies.autodiff.DepthOscillation;
import dev.fathom.lab.studies.autodiff.LinearRegions;
import dev.fathom.lab.studies.autodiff.Rectangles;
import dev.fathom.lab.studies.errata.InferenceConventions;
import dev.fathom.lab.studies.errata.PrintedFormulas;
import dev.fathom.lab.studies.features.Grokking;
import dev.fathom.lab.studies.features.TreePolyMlp;
import dev.fathom.lab.studies.landscape.GoodAndBadMinima;
import dev.fathom.lab.studies.landscape.HessianLab;
import dev.fathom.lab.studies.optimisation.EdgeOfStability;
import dev.fathom.lab.studies.optimisation.MinimalMlp;
import dev.fathom.lab.studies.optimisation.MomentumSqrt;
import dev.fathom.lab.studies.optimisation.NaturalGradients;
import dev.fathom.lab.studies.optimisation.NormZoo;
import dev.fathom.lab.studies.optimisation.NtkWidth;
import dev.fathom.lab.studies.optimisation.OneNeuronMinima;
import dev.fathom.lab.studies.optimisation.OptimizerAtlas;
import dev.fathom.lab.studies.optimisation.PredictionDynamics;
import dev.fathom.lab.studies.optimisation.RedundantData;
import dev.fathom.lab.studies.optimisation.ResidualLinear;
import dev.fathom.lab.studies.optimisation.SignalPropagation;
import dev.fathom.lab.studies.theory.Benign;
import dev.fathom.lab.studies.theory.ErrorTerms;
import dev.fathom.lab.studies.theory.ImplicitBias;
import dev.fathom.lab.studies.theory.RandomMatrix;
import dev.fathom.lab.studies.theory.RegulariserIdentities;
import dev.fathom.lab.studies.theory.RffDoubleDescent;
import dev.fathom.lab.studies.theory.Ridgeless;
import dev.fathom.lab.studies.theory.SpectralComplexity;
import dev.fathom.lab.studies.theory.UniformConvergenceFails;
import dev.fathom.lab.study.Card;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The one place that lists the studies, in the order in which they are shown. */
public final class Studies {
    private static final List<Study> AUTODIFF =
            List.of(
                    new BackpropCost(),
                    new Rectangles(),
                    new DepthOscillation(),
                    new LinearRegions());
    private static final List<Study> OPTIMISATION =
            List.of(
                    new MinimalMlp(),
                    new ResidualLinear(),
                    new SignalPropagation(),
                    new NormZoo(),
                    new MomentumSqrt(),
                    new OptimizerAtlas(),
                    new NaturalGradients(),
                    new RedundantData(),
                    new EdgeOfStability(),
                    new PredictionDynamics(),
                    new NtkWidth(),
                    new OneNeuronMinima());
    private static final List<Study> THEORY =
            List.of(
                    new Ridgeless(),
                    new RandomMatrix(),
                    new RffDoubleDescent(),
                    new Benign(),
                    new ImplicitBias(),
                    new RegulariserIdentities(),
                    new UniformConvergenceFails(),
                    new SpectralComplexity(),
                    new ErrorTerms());
    private static final List<Study> LANDSCAPE = List.of(new GoodAndBadMinima(), new HessianLab());
    private static final List<Study> FEATURES = List.of(new Grokking(), new TreePolyMlp());
    private static final List<Study> ERRATA =
            List.of(new InferenceConventions(), new PrintedFormulas());

    private static final List<Study> ALL =
            Stream.of(AUTODIFF, OPTIMISATION, THEORY, LANDSCAPE, FEATURES, ERRATA)
                    .flatMap(List::stream)
                    .toList();

    private static final int SHORTEST = 3;
    private static final int SHOWN = 3;
    private static final double MISSES = 0.34;

    private Studies() {}

    /** All studies. */
    public static List<Study> all() {
        return ALL;
    }

    /** The starred ones. */
    public static List<Study> tour() {
        return ALL.stream().filter(study -> study.card(Tier.QUICK).starred()).toList();
    }

    /**
     * The study of a name or a number, in letters of any case.
     *
     * @throws StudyException if there is none
     */
    public static Study named(String name) {
        return ALL.stream()
                .filter(study -> {
                    var card = study.card(Tier.QUICK);
                    return card.name().equalsIgnoreCase(name) || card.id().equalsIgnoreCase(name);
                })
                .findFirst()
                .orElseThrow(() ->
                        new StudyException(
                                "there is no study \"%s\"%s 'fathom lab list' shows all of them"
                                        .formatted(name, meant(name.toLowerCase(Locale.ROOT)))));
    }

    /** The names that have a part, a word or a number nearly like it. */
    private static String meant(String name) {
        var near =
                ALL.stream()
                        .map(study -> study.card(Tier.QUICK))
                        .filter(card -> misses(name, card) <= MISSES)
                        .sorted(Comparator.comparingDouble(card -> misses(name, card)))
                        .map(Card::name)
                        .limit(SHOWN)
                        .toList();
        return near.isEmpty() ? ";" : "; did you mean " + String.join(" or ", near) + "?";
    }

    /** The share of letters that are wrong, beside the word that it is nearest to. */
    private static double misses(String name, Card card) {
        if (name.length() >= SHORTEST && card.name().contains(name)) {
            return 0;
        }
        var id = card.id().toLowerCase(Locale.ROOT);
        return Stream.concat(Stream.of(id, card.name()), Stream.of(card.name().split("-")))
                .mapToDouble(word -> (double) Spelling.distance(name, word) / word.length())
                .min()
                .orElseThrow();
    }
}
