/**
 * What people and their programs see over HTTP: status, workers, feed, health and metrics.
 *
 * <p>All of it reads the journal and the published table through the public API; nothing here can
 * slow the postmaster down.
 */
package dev.postmaster.web;
