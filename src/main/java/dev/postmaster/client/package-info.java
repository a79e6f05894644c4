/**
 * How programs elsewhere see a postmaster and use it: the feed, followed across disconnects, and
 * REST.
 *
 * <p>Nothing of the server is needed, and nothing of it is imported: both ends know the protocol
 * alone.
 */
package dev.postmaster.client;
