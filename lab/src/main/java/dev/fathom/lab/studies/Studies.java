package dev.fathom.lab.studies;

import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.studies.autodiff.BackpropCost;
import dev.fathom.lab.studies.errata.PrintedFormulas;
import dev.fathom.lab.studies.landscape.HessianLab;
import dev.fathom.lab.studies.optimisation.EdgeOfStability;
import dev.fathom.lab.studies.optimisation.MinimalMlp;
import dev.fathom.lab.studies.optimisation.MomentumSqrt;
import dev.fathom.lab.studies.optimisation.NaturalGradients;
import dev.fathom.lab.studies.optimisation.NtkWidth;
import dev.fathom.lab.studies.optimisation.OneNeuronMinima;
import dev.fathom.lab.studies.optimisation.OptimizerAtlas;
import dev.fathom.lab.studies.optimisation.PredictionDynamics;
import dev.fathom.lab.studies.optimisation.RedundantData;
import dev.fathom.lab.studies.optimisation.ResidualLinear;
import dev.fathom.lab.studies.theory.Benign;
import dev.fathom.lab.studies.theory.ImplicitBias;
import dev.fathom.lab.studies.theory.RandomMatrix;
import dev.fathom.lab.studies.theory.RegulariserIdentities;
import dev.fathom.lab.studies.theory.RffDoubleDescent;
import dev.fathom.lab.studies.theory.Ridgeless;
import dev.fathom.lab.studies.theory.SpectralComplexity;
import dev.fathom.lab.study.Study;
import dev.fathom.lab.study.Tier;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The one place that lists the studies, in the order in which they are shown. */
public final class Studies {
    private static final List<Study> AUTODIFF = List.of(new BackpropCost());
    private static final List<Study> OPTIMISATION =
            List.of(
                    new MinimalMlp(),
                    new ResidualLinear(),
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
                    new SpectralComplexity());
    private static final List<Study> LANDSCAPE = List.of(new HessianLab());
    private static final List<Study> FEATURES = List.of();
    private static final List<Study> ERRATA = List.of(new PrintedFormulas());

    private static final List<Study> ALL =
            Stream.of(AUTODIFF, OPTIMISATION, THEORY, LANDSCAPE, FEATURES, ERRATA)
                    .flatMap(List::stream)
                    .toList();

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
                                "there is no study \"%s\"; there is %s"
                                        .formatted(
                                                name,
                                                ALL.stream()
                                                        .map(study -> study.card(Tier.QUICK).name())
                                                        .collect(Collectors.joining(", ")))));
    }
}
