package dev.fathom.lab.instrument.statistic;

import dev.fathom.lab.instrument.error.InstrumentException;

/**
 * The law of the eigenvalues of XᵀX/n for X of n × p independent entries of variance σ², as n and p
 * grow with p/n → γ,
 *
 * <pre>
 * λ± = σ² (1 ± √γ)²
 * f(x) = √((λ₊ − x)(x − λ₋)) / (2π σ² γ x)  on [λ₋, λ₊],  and mass 1 − 1/γ at 0 where γ > 1
 * </pre>
 *
 * V. Marchenko and L. Pastur, "Distribution of eigenvalues for some sets of random matrices", Math.
 * USSR Sbornik 1, 1967.
 *
 * @param ratio γ > 0
 * @param variance σ² > 0
 */
public record MarchenkoPastur(double ratio, double variance) {
    /** Checks both. */
    public MarchenkoPastur {
        InstrumentException.check("MarchenkoPastur", "ratio", ratio, "positive", ratio > 0);
        InstrumentException.check(
                "MarchenkoPastur", "variance", variance, "positive", variance > 0);
    }

    /** For n rows and p columns of variance 1. */
    public static MarchenkoPastur of(int n, int p) {
        return new MarchenkoPastur((double) p / n, 1);
    }

    /** λ₋. */
    public double lower() {
        return variance * Math.pow(1 - Math.sqrt(ratio), 2);
    }

    /** λ₊. */
    public double upper() {
        return variance * Math.pow(1 + Math.sqrt(ratio), 2);
    }

    /** The mass at 0. */
    public double atom() {
        return Math.max(0, 1 - 1 / ratio);
    }

    /** f, without the atom. */
    public double density(double x) {
        if (x <= lower() || x >= upper()) {
            return 0;
        }
        return Math.sqrt((upper() - x) * (x - lower())) / (2 * Math.PI * variance * ratio * x);
    }

    /**
     * The share of eigenvalues ≤ x, with the atom. With x = σ²(1 + γ − 2√γ cos φ) the integral is
     * that of sin²φ/(c − cos φ), which has a closed form.
     */
    public double distribution(double x) {
        if (x < 0) {
            return 0;
        }
        if (x <= lower()) {
            return atom();
        }
        if (x >= upper()) {
            return 1;
        }
        double root = Math.sqrt(ratio);
        double c = (1 + ratio) / (2 * root);
        double cos = Math.clamp(c - x / (2 * variance * root), -1, 1);
        double phi = Math.acos(cos);
        double s = Math.abs(1 - ratio) / (2 * root); // √(c² − 1)
        double tan = s == 0 ? 0 : 2 * Math.atan((c + 1) / s * Math.tan(phi / 2));
        return atom() + (c * phi + Math.sin(phi) - s * tan) / (Math.PI * root);
    }
}
