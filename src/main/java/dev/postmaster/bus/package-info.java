/**
 * The contract over event-bus addresses, protocols §2: {@code postmaster.<name>.control} takes
 * requests, {@code postmaster.<name>.transitions} tells what happened.
 *
 * <p>It sees the postmaster as everybody does, through the public API, and works on an event loop
 * of its own choice: what comes over the bus is looked at there, so that nothing that somebody
 * sends can hold the postmaster's loop.
 */
package dev.postmaster.bus;
