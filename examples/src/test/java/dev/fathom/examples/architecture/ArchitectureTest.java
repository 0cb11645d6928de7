package dev.fathom.examples.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** Who may use whom. A new module or package is first of all a line here. */
class ArchitectureTest {

    /** Every module with the modules it may use; arrows point down. */
    private static final Map<String, Set<String>> MAY_USE =
            Map.ofEntries(
                    entry("core", Set.of()),
                    entry("cpu", Set.of("core")),
                    entry("testkit", Set.of("core", "cpu")),
                    entry("nn", Set.of("core")),
                    entry("optim", Set.of("core")),
                    entry("data", Set.of("core")),
                    entry("io", Set.of("core")),
                    entry("train", Set.of("core", "nn", "optim", "data", "io")),
                    entry("lab", Set.of("core", "cpu", "nn", "optim", "data", "io", "train")),
                    entry(
                            "cli",
                            Set.of("core", "cpu", "nn", "optim", "data", "io", "train", "lab")),
                    entry("bench", Set.of("core", "cpu", "nn", "optim", "data", "io")),
                    entry(
                            "examples",
                            Set.of("core", "cpu", "nn", "optim", "data", "io", "train", "lab")));

    /**
     * The floors of core. Tensor, op, graph and spi are one mutually recursive language (see
     * docs/design/0001): a tensor is an operand, an operation may hold a program, a program is made
     * of operations. Everything else stands above it.
     */
    private static final Map<String, Integer> CORE_FLOOR =
            Map.ofEntries(
                    entry("error", 0),
                    entry("tensor", 1),
                    entry("op", 1),
                    entry("graph", 1),
                    entry("spi", 1),
                    entry("tree", 2),
                    entry("math", 2),
                    entry("random", 2),
                    entry("transform", 3));

    private static final Set<String> LANGUAGE = Set.of("tensor", "op", "graph", "spi");

    /** Programs that talk to a person. */
    private static final Set<String> TALKATIVE = Set.of("bench", "cli", "examples", "testkit");

    @Test
    void everyModuleIsDeclaredAndCompiled() {
        assertThat(MAY_USE.keySet()).containsExactlyInAnyOrderElementsOf(Checkout.modules());
        Set<String> compiled = new TreeSet<>();
        Checkout.classes().forEach(c -> compiled.add(Checkout.module(c)));
        assertThat(compiled).containsAll(Checkout.modules());
    }

    @Test
    void modulesUseOnlyThoseBelowThem() {
        assertThat(
                        violations((from, to) ->
                                !Checkout.module(to).isEmpty()
                                        && !Checkout.module(to).equals(Checkout.module(from))
                                        && !MAY_USE.get(Checkout.module(from))
                                                .contains(Checkout.module(to))))
                .isEmpty();
    }

    @Test
    void everyPackageOfCoreHasItsFloor() {
        Set<String> areas = new TreeSet<>();
        Checkout.classes().stream()
                .filter(c -> Checkout.module(c).equals("core"))
                .forEach(c -> areas.add(Checkout.area(c)));
        areas.remove("");
        assertThat(CORE_FLOOR.keySet()).containsAll(areas);
    }

    @Test
    void coreUsesOnlyItsOwnFloorAndThoseBelow() {
        assertThat(
                        violations((from, to) ->
                                inCore(from)
                                        && inCore(to)
                                        && CORE_FLOOR.get(Checkout.area(to))
                                                > CORE_FLOOR.get(Checkout.area(from))))
                .isEmpty();
    }

    @Test
    void packagesFormNoCycles() {
        slices().assignedFrom(new Areas()).should().beFreeOfCycles().check(Checkout.classes());
    }

    @Test
    void vectorCodeStandsInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.fathom.cpu.simd..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(Checkout.classes());
    }

    @Test
    void kernelsKnowNothingOfPlansAndTheOracleNothingOfKernels() {
        noClasses()
                .that()
                .resideInAPackage("dev.fathom.cpu.simd..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.fathom.cpu.plan..")
                                .or(resideInAPackage("dev.fathom.cpu.reference..")))
                .check(Checkout.classes());
        noClasses()
                .that()
                .resideInAPackage("dev.fathom.cpu.reference..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.fathom.cpu.plan..")
                                .or(resideInAPackage("dev.fathom.cpu.simd..")))
                .check(Checkout.classes());
    }

    @Test
    void coreAndCpuUseNoLibrary() {
        DescribedPredicate<JavaClass> foreign =
                describe(
                        "belong to a library",
                        c ->
                                Checkout.module(c).isEmpty()
                                        && Stream.of(
                                                        "java.",
                                                        "jdk.incubator.vector.",
                                                        "jdk.jfr.",
                                                        "com.sun.management.", // allocations
                                                        "org.jspecify.")
                                                .noneMatch(p ->
                                                        c.getBaseComponentType()
                                                                .getName()
                                                                .startsWith(p))
                                        && !c.getBaseComponentType().isPrimitive());
        noClasses()
                .that()
                .resideInAnyPackage("dev.fathom.core..", "dev.fathom.cpu..")
                .should()
                .dependOnClassesThat(foreign)
                .check(Checkout.classes());
    }

    @Test
    void librariesDoNotPrint() {
        noClasses()
                .that(
                        describe(
                                "belong to a library module",
                                c -> !TALKATIVE.contains(Checkout.module(c))))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(Checkout.classes());
    }

    @Test
    void nothingIsLoadedByItsName() {
        noClasses()
                .should()
                .callMethod(Class.class, "forName", String.class)
                .orShould()
                .callMethod(Class.class, "forName", String.class, boolean.class, ClassLoader.class)
                .orShould()
                .callMethod(Class.class, "forName", Module.class, String.class)
                .check(Checkout.classes());
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> packages = new TreeSet<>();
        Set<String> marked = new TreeSet<>();
        for (JavaClass type : Checkout.classes()) {
            JavaPackage home = type.getPackage();
            if (!Checkout.module(type).isEmpty() && !home.getName().isEmpty()) {
                packages.add(home.getName());
                if (home.tryGetPackageInfo().isPresent()
                        && home.isAnnotatedWith("org.jspecify.annotations.NullMarked")) {
                    marked.add(home.getName());
                }
            }
        }
        assertThat(packages).isNotEmpty();
        assertThat(marked).containsExactlyElementsOf(packages);
    }

    private static boolean inCore(JavaClass type) {
        return Checkout.module(type).equals("core") && CORE_FLOOR.containsKey(Checkout.area(type));
    }

    private static List<String> violations(BiPredicate<JavaClass, JavaClass> forbidden) {
        return Checkout.classes().stream()
                .filter(c -> !Checkout.module(c).isEmpty())
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .filter(d ->
                        forbidden.test(
                                d.getOriginClass(), d.getTargetClass().getBaseComponentType()))
                .map(Dependency::getDescription)
                .sorted()
                .toList();
    }

    /** Packages as slices, with the language of core as one. */
    private static final class Areas implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String module = Checkout.module(type);
            if (module.isEmpty()) {
                return SliceIdentifier.ignore();
            }
            if (module.equals("core") && LANGUAGE.contains(Checkout.area(type))) {
                return SliceIdentifier.of("dev.fathom.core, the language");
            }
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages, with tensor, op, graph and spi of core as one";
        }
    }
}
