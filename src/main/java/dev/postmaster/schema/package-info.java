/**
 * JSON schemas of arguments, with vertx-json-schema, which is optional: nothing else imports this
 * package, {@link dev.postmaster.ArgsSchema.Reader} is how it is found.
 */
package dev.postmaster.schema;
