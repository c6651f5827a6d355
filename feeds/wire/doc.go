// Package wire is how sources ask their publishers over HTTP: bounded in size and time, with tokens, and with errors
// that say what is to be done and keep what is secret.
package wire
