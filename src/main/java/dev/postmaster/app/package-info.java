/**
 * The program: command line, configuration, and the wiring of log, database, web and postmaster.
 * Nobody imports it.
 */
package dev.postmaster.app;
