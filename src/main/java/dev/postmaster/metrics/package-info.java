/**
 * Figures of a postmaster for Micrometer: {@link dev.postmaster.metrics.PostmasterMetrics}. Their
 * names and tags are a contract, {@code docs/OPERATIONS.md}; a tag has never more values than an
 * enumeration or the JVM's postmasters.
 */
package dev.postmaster.metrics;
