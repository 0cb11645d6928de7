/**
 * File formats: safetensors for tensors and whole trees of them, NumPy's arrays, JSON and JSON
 * lines.
 *
 * <p>Every reader takes its file for hostile: it believes no number before it has checked it
 * against the size of the file, and answers damage with a named exception that says which file and
 * why. Every writer is atomic: after a crash at any moment the old file is there, or the new one,
 * never half of one.
 */
module dev.fathom.io {
    requires transitive dev.fathom.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.fathom.io.error;
    exports dev.fathom.io.file;
    exports dev.fathom.io.json;
    exports dev.fathom.io.numpy;
    exports dev.fathom.io.safetensors;
}
