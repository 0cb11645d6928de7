package dev.fathom.lab.run;

import dev.fathom.io.error.FileAccessException;
import dev.fathom.lab.error.StudyException;
import dev.fathom.lab.study.Study;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/** A study that is one source file: compiled and loaded as it stands. */
public final class StudySource {
    private static final String CLASS = ".class";
    private static final int SHOWN = 5;

    private StudySource() {}

    /**
     * The study in a Java file.
     *
     * @throws StudyException if it does not compile, or is not one study
     */
    public static Study load(Path file) {
        try {
            var classes = Folders.temporary("fathom-study");
            try {
                compile(file, classes);
                return instance(file, classes);
            } finally {
                Folders.delete(classes);
            }
        } catch (IOException e) {
            throw new FileAccessException("compile", file, e);
        }
    }

    private static void compile(Path file, Path classes) throws IOException {
        if (!Files.exists(file)) {
            throw new StudyException(
                    file + " does not exist; 'fathom lab new NAME' writes a first one");
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new StudyException("this Java cannot compile " + file + ": it is not a JDK");
        }
        var found = new DiagnosticCollector<JavaFileObject>();
        var output = new StringWriter();
        try (var files =
                compiler.getStandardFileManager(found, Locale.ROOT, StandardCharsets.UTF_8)) {
            var options =
                    List.of("-d", classes.toString(), "-proc:none", "--class-path", classPath());
            var task =
                    compiler.getTask(
                            output, files, found, options, null, files.getJavaFileObjects(file));
            if (!task.call()) {
                throw new StudyException(
                        "%s does not compile: %s".formatted(file, errors(found.getDiagnostics())));
            }
        }
    }

    /** All that this program is made of, as a class path: modules, and folders of them. */
    private static String classPath() throws IOException {
        var parts = new ArrayList<String>();
        var separator = System.getProperty("path.separator");
        for (var property : List.of("jdk.module.path", "java.class.path")) {
            for (var part : System.getProperty(property, "").split(separator)) {
                if (part.isEmpty()) {
                    continue;
                }
                parts.add(part);
                var folder = Path.of(part);
                if (Files.isDirectory(folder)) {
                    try (var jars = Files.newDirectoryStream(folder, "*.jar")) {
                        jars.forEach(jar -> parts.add(jar.toString()));
                    }
                }
            }
        }
        return String.join(separator, parts);
    }

    /** The first ones by line: the others mostly follow from them. */
    private static String errors(List<Diagnostic<? extends JavaFileObject>> all) {
        var lines =
                all.stream()
                        .filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
                        .sorted(Comparator.comparingLong(Diagnostic::getLineNumber))
                        .map(one ->
                                "line %d: %s"
                                        .formatted(
                                                one.getLineNumber(), one.getMessage(Locale.ROOT)))
                        .toList();
        var first = String.join("; ", lines.subList(0, Math.min(SHOWN, lines.size())));
        return lines.size() <= SHOWN
                ? first
                : first + "; and %d more".formatted(lines.size() - SHOWN);
    }

    private static Study instance(Path file, Path classes) throws IOException {
        var found = new ArrayList<Study>();
        var loader = new Loader(classes);
        for (var name : loader.classes.keySet()) {
            try {
                var type = loader.loadClass(name);
                if (Study.class.isAssignableFrom(type) && !type.isInterface()) {
                    var constructor = type.getDeclaredConstructor();
                    constructor.setAccessible(true);
                    found.add((Study) constructor.newInstance());
                }
            } catch (InvocationTargetException | ExceptionInInitializerError e) {
                throw new StudyException(
                        "%s: class %s cannot be made: %s".formatted(file, name, e.getCause()));
            } catch (ReflectiveOperationException e) {
                throw new StudyException(
                        "%s: class %s needs a constructor without parameters (%s)"
                                .formatted(file, name, e));
            }
        }
        if (found.size() != 1) {
            throw new StudyException(
                    "%s holds %d classes that implement Study, and should hold one"
                            .formatted(file, found.size()));
        }
        return found.getFirst();
    }

    /** Classes kept in memory, so that nothing stays behind in a folder. */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> classes = new TreeMap<>();

        Loader(Path folder) throws IOException {
            super(StudySource.class.getClassLoader());
            try (var all = Files.walk(folder)) {
                for (var file : all.filter(f -> f.toString().endsWith(CLASS)).toList()) {
                    var path = folder.relativize(file).toString();
                    var name = path.substring(0, path.length() - CLASS.length());
                    classes.put(name.replace(File.separatorChar, '.'), Files.readAllBytes(file));
                }
            }
        }

        /** Its own classes first: the file may be a changed version of a study that is built in. */
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!classes.containsKey(name)) {
                    return super.loadClass(name, resolve);
                }
                var loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            var bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
