package dev.fathom.data.catalogue;

import dev.fathom.data.dataset.Dataset;
import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataException;
import dev.fathom.data.error.DataNotFoundException;
import dev.fathom.data.read.Idx;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A data set of four IDX files with MNIST's names, known by the SHA-256 of their decompressed
 * bytes.
 *
 * @param name what the set is called
 * @param trainImages the hash of {@code train-images-idx3-ubyte}
 * @param trainLabels the hash of {@code train-labels-idx1-ubyte}
 * @param testImages the hash of {@code t10k-images-idx3-ubyte}
 * @param testLabels the hash of {@code t10k-labels-idx1-ubyte}
 * @param classes the names of the classes
 * @param folders other names under which programs keep the set
 * @param mirrors where the gzip files can be fetched
 */
record IdxSet(
        String name,
        String trainImages,
        String trainLabels,
        String testImages,
        String testLabels,
        List<String> classes,
        List<String> folders,
        List<URI> mirrors) {

    /** A file of the set, without {@code .gz}, and the hash of its decompressed bytes. */
    record Member(String file, String sha256) {
        String gzip() {
            return file + ".gz";
        }

        /** Its usual names; some archives write a dot for the second hyphen. */
        private Optional<Path> in(Path folder) {
            var dotted = file.replace("-idx", ".idx");
            return Stream.of(file, gzip(), dotted, dotted + ".gz")
                    .map(folder::resolve)
                    .filter(Files::isRegularFile)
                    .findFirst();
        }
    }

    List<Member> members() {
        return List.of(
                new Member("train-images-idx3-ubyte", trainImages),
                new Member("train-labels-idx1-ubyte", trainLabels),
                new Member("t10k-images-idx3-ubyte", testImages),
                new Member("t10k-labels-idx1-ubyte", testLabels));
    }

    /** Folders that hold all four files, whatever is in them, in the order of the search. */
    List<Path> candidates(DataHome home) {
        return home.folders().stream()
                .flatMap(folder ->
                        Stream.concat(
                                        Stream.concat(Stream.of(name), folders.stream()),
                                        Stream.of(""))
                                .map(folder::resolve))
                .filter(folder -> members().stream().allMatch(m -> m.in(folder).isPresent()))
                .toList();
    }

    /** Reads the set from the first folder that holds the right files. */
    TrainTest load(DataHome home) {
        var complaints = new ArrayList<String>();
        for (var folder : candidates(home)) {
            try {
                return load(folder.toString(), m -> Idx.read(m.in(folder).orElseThrow()));
            } catch (DataException e) {
                complaints.add(e.getMessage());
            }
        }
        var remedy =
                "Fetch it with: fathom data fetch "
                        + name
                        + "; or put its four IDX files, plain or"
                        + " gzip, into a folder '"
                        + name
                        + "' and name the folder above it in FATHOM_DATA.";
        if (!complaints.isEmpty()) {
            throw new ChecksumException(
                    name
                            + " was found, but not as published:\n  "
                            + String.join("\n  ", complaints)
                            + "\n"
                            + remedy);
        }
        throw new DataNotFoundException(
                name
                        + " is not on this machine. "
                        + remedy
                        + " Looked in "
                        + home.folders().stream()
                                .map(Path::toString)
                                .collect(Collectors.joining(", ")));
    }

    /** Reads the set's files with {@code reader} and checks each. */
    TrainTest load(String source, Function<Member, Idx> reader) {
        var arrays = new ArrayList<Idx>();
        for (var member : members()) {
            var array = reader.apply(member);
            var found = array.sha256();
            if (!found.equals(member.sha256)) {
                throw new ChecksumException(
                        source
                                + ": "
                                + member.file
                                + " has the SHA-256 "
                                + found
                                + " and not "
                                + member.sha256
                                + "; it is damaged or another data set's");
            }
            arrays.add(array);
        }
        return new TrainTest(
                part(source, arrays.get(0), arrays.get(1)),
                part(source, arrays.get(2), arrays.get(3)));
    }

    private Dataset part(String source, Idx images, Idx labels) {
        var data = Idx.dataset(images, labels).withClassNames(classes);
        return data.describedAs(name, source, data.sha256());
    }
}
