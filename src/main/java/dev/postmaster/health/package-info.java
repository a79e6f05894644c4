/**
 * Whether a postmaster is well, in the words of {@code vertx-health-check}: live, started, ready.
 *
 * <p>What is looked at are its published figures; nothing here takes a turn of its loop.
 */
package dev.postmaster.health;
