package dev.fathom.examples.architecture;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that these tests were compiled from: its modules, sources and compiled classes. */
final class Checkout {
    private static final String PREFIX = "dev.fathom.";

    static final Path ROOT = root();

    private static final JavaClasses CLASSES = load();

    private Checkout() {}

    /** The names of the modules, each a folder of the root with a module descriptor. */
    static List<String> modules() {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.filter(f -> Files.exists(f.resolve("src/main/java/module-info.java")))
                    .map(f -> f.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every class that a module ships. */
    static JavaClasses classes() {
        return CLASSES;
    }

    /** Every Java file under the given folders of every module, such as {@code src/main/java}. */
    static List<Path> sources(String... folders) {
        return modules().stream()
                .flatMap(module -> Stream.of(folders).map(f -> ROOT.resolve(module).resolve(f)))
                .filter(Files::isDirectory)
                .flatMap(folder -> javaFiles(folder).stream())
                .toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    /** The path as a message should print it. */
    static String name(Path file) {
        return ROOT.relativize(file).toString();
    }

    /** The module of a class of ours, or an empty text. */
    static String module(JavaClass type) {
        return segment(type, 0);
    }

    /** The first package below the module's own, or an empty text. */
    static String area(JavaClass type) {
        return segment(type, 1);
    }

    private static String segment(JavaClass type, int index) {
        String name = type.getPackageName();
        if (!name.startsWith(PREFIX)) {
            return "";
        }
        String[] segments = name.substring(PREFIX.length()).split("\\.");
        return index < segments.length ? segments[index] : "";
    }

    private static List<Path> javaFiles(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(p -> p.toString().endsWith(".java")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException(
                        "no folder above the working directory holds mvnw; run the tests in the"
                                + " checkout");
            }
        }
        return folder;
    }

    private static JavaClasses load() {
        // Classes of the JDK and of libraries are known well enough by their names.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        List<Path> folders =
                modules().stream().map(m -> ROOT.resolve(m).resolve("target/classes")).toList();
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw new IllegalStateException(
                        folder
                                + " is missing: run the whole build (mvn verify), not one module of"
                                + " it");
            }
        }
        return new ClassFileImporter().importPaths(folders);
    }
}
