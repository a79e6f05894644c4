/**
 * The bundled library {@code examples}: workers that do small real work on real input, so that
 * there is something to watch, to stop and to break. Nothing here uses more than the public API.
 */
package dev.postmaster.examples;
