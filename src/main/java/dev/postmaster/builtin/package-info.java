/** The library {@code postmaster}: there in every postmaster, without being named. */
package dev.postmaster.builtin;
