/** The bundled worker library {@code examples}: small workers that do real work on real input. */
package dev.postmaster.examples;
