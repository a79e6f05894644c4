/**
 * What can be asked of a postmaster in JSON, protocols §2 and §3: each request is read, checked,
 * counted and carried out in the same way, whether it came over the bus or by HTTP.
 */
package dev.postmaster.request;
